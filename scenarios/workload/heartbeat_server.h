/* heartbeat_server.h - the server of the workload "heartbeat". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int heartbeat_server(const struct workload_task *task);

#endif
