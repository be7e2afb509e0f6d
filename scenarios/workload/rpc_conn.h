/* rpc_conn.h - one connection of the client of the workload "rpc": its exchanges, one after the
 * other, and the idle times between them. Private to the rpc files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_CONN_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_CONN_H

#include "scenarios/workload/http.h"
#include "scenarios/workload/rpc_close.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

#define RPC_READ_SIZE (256u << 10) /* bytes of a client's buf */

enum conn_state { CONN_IDLE, CONN_CONNECTING, CONN_SENDING, CONN_RECEIVING, CONN_OVER };

struct conn {
	enum conn_state state;
	int fd;	       /* -1: not connected */
	uint64_t todo; /* exchanges left */
	uint64_t done; /* on this connection */
	int64_t idle;  /* when the last exchange ended well */
	int64_t due;   /* idle: when the next one begins; else when it has failed */
	size_t sent;   /* bytes of the request */
	char *request;
	struct tally_exchange now;
	struct http_parser http;
	struct content content;
};

struct client {
	const struct workload_task *task;
	const struct rpc_client_cfg *cfg;
	struct tally tally;
	struct conn *conns;
	struct closers closers;
	uint64_t *records; /* of each list, in turn; nrecords of them */
	size_t nrecords, next_list;
	json_t *idle_lost, *idle_kept; /* seconds that connections had been idle */
	uint64_t altered;
	struct pollfd *fds;
	char *buf;
	bool stopping;
};

void conn_close(struct conn *c);

/* Handles an event on its socket. */
void conn_event(struct client *cl, struct conn *c);

/* Handles its due time: begins the next exchange, or fails the one under way. */
void conn_due(struct client *cl, struct conn *c);

/* Returns the seconds since a time of CLOCK_MONOTONIC. */
double conn_seconds_since(int64_t then);

#endif
