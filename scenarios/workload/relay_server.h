/* relay_server.h - the server of the workload "relay", until the runner ends it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RELAY_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_RELAY_SERVER_H

#include "scenarios/workload/workload.h"

int relay_server(const struct workload_task *task); /* as struct workload has it */

#endif
