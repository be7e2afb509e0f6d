/* rpc_conn.h - one connection of the client of the workloads that speak HTTP: its exchanges, one
 * after the other, and the idle times between them. Private to the rpc files and those workloads.
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_CONN_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_CONN_H

#include "proxy/base/rng.h"
#include "scenarios/workload/arrivals.h"
#include "scenarios/workload/awaited.h"
#include "scenarios/workload/balance.h"
#include "scenarios/workload/closers.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/secure.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

#define RPC_READ_SIZE (256u << 10) /* bytes of a client's buf */

struct client;
struct conn;

/* What a workload asks, and what it makes of an answer. */
struct rpc_client_protocol {
	size_t cfg_size; /* bytes of its configuration, which begins with a struct rpc_client_cfg */
	size_t own_size; /* bytes of what it keeps of a connection, zeroed at first */
	/* Makes the connection's next request (conn_request); its server is chosen. */
	void (*ask)(struct client *cl, struct conn *c);
	/* Reads a piece of the answer's body, or a field of its header; the latter may be NULL. */
	void (*body)(struct conn *c, const char *data, size_t len);
	void (*field)(struct conn *c, const char *name, const char *value);
	/* Judges an answer that is whole, and no error by its status; NULL: all are well. */
	int (*judge)(struct conn *c, struct err *e);
	/* Frees what it has kept of the connection; NULL: there is nothing. */
	void (*end)(struct conn *c);
};

enum conn_state {
	CONN_IDLE,
	CONN_CONNECTING,
	CONN_SECURING,
	CONN_SENDING,
	CONN_RECEIVING,
	CONN_OVER
};

struct conn {
	enum conn_state state;
	int fd;			   /* -1: not connected */
	struct secure *secure;	   /* NULL: bytes as they are */
	uint64_t todo;		   /* exchanges left */
	uint64_t slot;		   /* its place among the client's */
	uint64_t made;		   /* connections so far */
	uint64_t retry;		   /* how often the request at hand has failed */
	const struct addr *server; /* that it goes to */
	struct addr local;	   /* of the try that failed, for retry_port=same; len 0: none */
	bool leaving;		   /* one too many since connections was set lower */
	int64_t arrived;	   /* of rate: when the request at hand was due; 0: none */
	uint64_t done;		   /* on this connection */
	int64_t idle;		   /* when the last exchange ended well */
	int64_t deadline;	   /* of the exchange at hand, whatever comes */
	int64_t due;		   /* idle: when the next one begins; else when it has failed */
	char *request;		   /* size bytes, of which sent are gone */
	size_t size, sent;
	void *mine; /* the workload's */
	struct tally_exchange now;
	struct http_parser http;
	struct content content;
	const struct client *client;
};

struct client {
	const struct workload_task *task;
	const struct rpc_client_protocol *protocol;
	struct rpc_client_cfg *cfg;    /* its own copy, which a "set" changes; the workload's begins
					* with it */
	struct secure_context *secure; /* NULL: no TLS */
	struct tally tally;
	struct conn **conns; /* nconns, of which the first cfg->connections are wanted */
	size_t nconns;
	uint64_t slots;		  /* connections that it began with (client_ports_pick) */
	struct arrivals arrivals; /* of requests by rate; gaps: of connections, too */
	uint64_t made;		  /* of rate: connections so far */
	struct rng timeouts;	  /* of timeout_varies */
	struct rng pauses;	  /* of think_varies and retry_varies */
	uint64_t retried, retried_ok;
	struct awaited awaited; /* by the runner */
	struct closers closers;
	struct balance balance;
	void *mine;		       /* the workload's */
	json_t *idle_lost, *idle_kept; /* seconds that connections had been idle */
	uint64_t altered;
	struct pollfd *fds;
	char *buf;
	bool stopping, gone;   /* gone: the runner is */
	enum runner_word word; /* the last one that the runner has said */
};

/* Makes one more connection, whose first exchange is due then. */
struct conn *conn_add(struct client *cl, uint64_t todo, int64_t due);
void conn_free(struct conn *c);

void conn_close(struct conn *c);

/* Makes that the connection's next request; takes text over. */
void conn_request(struct conn *c, char *text, size_t size);

/* Begins the exchange that is due, on the open connection or on a new one. */
void conn_begin(struct client *cl, struct conn *c);

/* Ends a connection that is in good order, as the configuration wants it. */
void conn_finish(struct client *cl, struct conn *c);

/* Handles an event on its socket. */
void conn_event(struct client *cl, struct conn *c);

/* Handles its due time: begins the next exchange, or fails the one under way. */
void conn_due(struct client *cl, struct conn *c);

/* Returns the seconds since a time of CLOCK_MONOTONIC. */
double conn_seconds_since(int64_t then);

#endif
