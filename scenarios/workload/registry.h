/* registry.h - the built-in workloads, by name, out of list.h. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_REGISTRY_H
#define WEDGE_SCENARIOS_WORKLOAD_REGISTRY_H

#include "scenarios/workload/workload.h"

extern const struct workload *const workloads[]; /* NULL-terminated, in the order of list.h */

const struct workload *workload_find(const char *name); /* NULL: no such workload */

/* Returns the parameters of the workload's client or server. w NULL (a program of the user's takes
 * the workload's place): an empty table. */
const struct param *workload_params(const struct workload *w, bool server);

#endif
