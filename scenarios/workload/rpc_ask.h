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

/* Writes what the Host field of a request to that server says; returns out. */
char *rpc_host_field(const struct rpc_client_cfg *cfg, const struct addr *server,
		     char out[ADDR_TEXT]);

/* Writes a request of size bytes, from a user who has a cookie of their own, a number's. */
void rpc_write_request(const struct client *cl, char *buf, size_t size, const char *method,
		       const struct addr *server, const char *target, uint64_t user);

/* Those of struct rpc_client_protocol. */
void rpc_ask(struct client *cl, struct conn *c);
void rpc_count_records(struct conn *c, const char *data, size_t len);

#endif
