/* sessions_client.h - the client of the workload "sessions". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SESSIONS_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_SESSIONS_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int sessions_client(const struct workload_task *task);

#endif
