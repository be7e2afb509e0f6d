/* probe_client.h - the client of the workload "probe", until all checks are over or the runner ends
 * it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROBE_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_PROBE_CLIENT_H

#include "scenarios/workload/workload.h"

int probe_client(const struct workload_task *task); /* as struct workload has it */

#endif
