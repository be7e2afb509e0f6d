/* rpc_client.h - the client of the workload "rpc": sends requests over its connections until all
 * are done or the runner stops it. Accepts any HTTP/1.1 server. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_CLIENT_H

#include "scenarios/workload/http_text.h"
#include "scenarios/workload/rpc_conn.h"

/* Runs the client of a workload that speaks HTTP; mine is the client's. Returns the process's exit
 * status. */
int rpc_client_run(const struct workload_task *task, const struct rpc_client_protocol *protocol,
		   void *mine);

/* The client's process (struct workload). Returns the exit status. */
int rpc_client(const struct workload_task *task);

/* Makes the connection's next request as a says, whose host is the connection's server. */
void rpc_client_ask(struct conn *c, const struct http_ask *a);

#endif
