/* analyze_annotate.h - "wedge analyze --annotate": a copy of the capture with what was found in it.
 */
#ifndef WEDGE_SCENARIOS_CLI_ANALYZE_ANNOTATE_H
#define WEDGE_SCENARIOS_CLI_ANALYZE_ANNOTATE_H

#include "scenarios/diagnosis/diagnosis.h"

/* Writes what n diagnoses of the capture have found, each asked for each wait. -1 with *e. */
int analyze_annotate(const char *from, const char *to, const struct diagnosis *const *d, size_t n,
		     struct err *e) WG_MUSTUSE;

#endif
