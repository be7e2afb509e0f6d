/* rpc_load.h - how many connections the client of the workload "rpc" has at a time, and, where a
 * rate is given, when the next request comes. Private to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_LOAD_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_LOAD_H

#include "scenarios/workload/rpc_conn.h"

/* Makes the connections that the configuration begins with. */
void load_begin(struct client *cl);

/* The configuration has another rate, or another number of connections: from now on. */
void load_set_rate(struct client *cl);
void load_set_connections(struct client *cl);

/* Moves *due to the next request's time. Returns whether requests are still to come. */
bool load_watch(const struct client *cl, int64_t *due);

/* Begins the requests that are due. */
void load_turn(struct client *cl, int64_t now);

#endif
