/* catalog_reference.h - docs/scenarios.md: each scenario's story, phases, documented numbers and
 * signature, from the catalogue's own files. */
#ifndef WEDGE_SCENARIOS_CLI_CATALOG_REFERENCE_H
#define WEDGE_SCENARIOS_CLI_CATALOG_REFERENCE_H

#include "scenarios/scenario/scenario.h"

/* Prints the reference to standard output, in the order of the failures' numbers. */
void catalog_reference(struct scenario *const *list, size_t n);

#endif
