/* catalog_embedded.h - the catalogue inside the binary; embed.cmake makes catalog_embedded.c from
 * scenarios/catalog. */
#ifndef WEDGE_SCENARIOS_SCENARIO_CATALOG_EMBEDDED_H
#define WEDGE_SCENARIOS_SCENARIO_CATALOG_EMBEDDED_H

#include <stddef.h>

struct catalog_entry {
	const char *name; /* NULL ends the table, which is in alphabetical order */
	const unsigned char *text;
	size_t len;
};

extern const struct catalog_entry catalog_embedded[];

#endif
