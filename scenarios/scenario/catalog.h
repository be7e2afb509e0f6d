/* catalog.h - where scenarios are found by name: in the binary, or in a folder that replaces it. */
#ifndef WEDGE_SCENARIOS_SCENARIO_CATALOG_H
#define WEDGE_SCENARIOS_SCENARIO_CATALOG_H

#include "proxy/base/err.h"

#include <stddef.h>

/* Lists the names in order. dir NULL: those in the binary. The caller frees *names with
 * catalog_names_free. */
int catalog_names(const char *dir, char ***names, size_t *n, struct err *e) WG_MUSTUSE;
void catalog_names_free(char **names, size_t n);

/* Reads the YAML text of one scenario; the caller frees *text. An unknown name is answered with the
 * nearest one. */
int catalog_text(const char *dir, const char *name, char **text, size_t *len,
		 struct err *e) WG_MUSTUSE;

#endif
