/* activesync_server.h - the server of the workload "activesync". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int activesync_server(const struct workload_task *task);

#endif
