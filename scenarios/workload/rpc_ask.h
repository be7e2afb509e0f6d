/* rpc_ask.h - what the client of the workload "rpc" asks: always the same, or for lists of records.
 * Private to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_ASK_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_ASK_H

#include "scenarios/workload/rpc_conn.h"

/* The client's: how many records each list has that it asks for, in turn; n 0: no lists. */
struct rpc_lists {
	uint64_t *records;
	size_t n;
};

/* A connection's. */
struct rpc_asking {
	uint64_t lists;		  /* asked for so far */
	const struct addr *named; /* the server that its request names */
};

/* Those of struct rpc_client_protocol. */
void rpc_ask(struct client *cl, struct conn *c);
void rpc_count_records(struct conn *c, const char *data, size_t len);

#endif
