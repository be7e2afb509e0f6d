/* rpc_server.h - the server of the workload "rpc": answers every HTTP/1.1 request until the runner
 * stops it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int rpc_server(const struct workload_task *task);

#endif
