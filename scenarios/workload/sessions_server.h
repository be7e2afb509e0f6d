/* sessions_server.h - the server of the workload "sessions". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SESSIONS_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_SESSIONS_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int sessions_server(const struct workload_task *task);

#endif
