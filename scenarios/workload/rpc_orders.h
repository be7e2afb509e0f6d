/* rpc_orders.h - what the runner asks of the client of the workload "rpc" while it works. Private
 * to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_ORDERS_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_ORDERS_H

#include "scenarios/workload/rpc_conn.h"
#include "scenarios/workload/runner.h"

/* Ends what is idle, and gives exchanges under way 1 s more. */
void client_stop(struct client *cl);

/* Sets a parameter at work; m is the runner's message. -1: the runner is gone. */
int client_set(struct client *cl, const json_t *m);

/* Begins to count what the runner awaits. */
void client_await(struct client *cl, const json_t *m);

/* All sockets are those of a host that is off the network, until the lab ends (vanish.h). Returns
 * how many refuse. */
size_t client_vanish(struct client *cl);

#endif
