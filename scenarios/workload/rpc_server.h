/* rpc_server.h - the server of the workload "rpc": answers every HTTP/1.1 request until the runner
 * stops it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_SERVER_H

#include "scenarios/workload/rpc_peer.h"

/* Runs the server of a workload that speaks HTTP, whose configuration begins with a struct
 * rpc_server_cfg; mine is handed to its protocol. Returns the process's exit status. */
int rpc_serve(const struct workload_task *task, const struct rpc_server_protocol *protocol,
	      void *mine);

/* The server's process (struct workload). Returns the exit status. */
int rpc_server(const struct workload_task *task);

#endif
