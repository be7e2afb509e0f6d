/* workload_reference.h - the built-in workloads in Markdown, as docs/workloads.md has them. */
#ifndef WEDGE_SCENARIOS_CLI_WORKLOAD_REFERENCE_H
#define WEDGE_SCENARIOS_CLI_WORKLOAD_REFERENCE_H

#include "scenarios/workload/workload.h"

/* Prints the reference to standard output: of one workload, or with NULL the whole document. */
void workload_reference_markdown(const struct workload *only);

/* Returns what a parameter is when it isn't given, for people. */
const char *workload_reference_default(const struct param *p);

/* True when a step may change that parameter of the client while it runs. */
bool workload_reference_is_live(const struct workload *w, const struct param *p);

#endif
