/* rpc_peer.h - one connection of the server of the workloads that speak HTTP: a request at a time,
 * and its answer, which the workload chooses. Private to the rpc files and those workloads. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_PEER_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_PEER_H

#include "proxy/base/rng.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/http_text.h"
#include "scenarios/workload/processors.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/secure.h"
#include "scenarios/workload/tally.h"
#include "scenarios/workload/workload.h"

#include <poll.h>

#define RPC_IN_SIZE (16u << 10)
#define RPC_BODY_SIZE                                                                              \
	(256u << 10) /* a write of more bytes is given to the kernel in such pieces                \
		      */

struct server;
struct peer;

/* What a workload says to a request. */
struct rpc_server_protocol {
	/* Chooses the answer to the request that is whole: by peer_answer or peer_repeat. */
	void (*answer)(struct server *s, struct peer *p);
	/* What the workload reads of a request, piece by piece; either may be NULL. */
	void (*field)(struct peer *p, const char *name, const char *value);
	void (*body)(struct peer *p, const char *data, size_t len);
	size_t own_size; /* bytes of what it keeps of a connection, zeroed at first */
};

enum peer_state { PEER_SECURING, PEER_REQUEST, PEER_SERVICE, PEER_RESPONSE };

struct peer {
	enum peer_state state;
	int fd;
	struct secure *secure; /* NULL: bytes as they are */
	struct server *server;
	int64_t due;	/* service: when the response begins */
	int64_t hold;	/* what the workload adds to the time of service */
	size_t write;	/* response: which write */
	uint64_t sent;	/* bytes of that write */
	bool head_only; /* the answer to HEAD: no body */
	bool close;	/* the connection ends behind the response */
	struct rpc_response r;
	const char *head, *body; /* of the response */
	uint64_t period;	 /* the body's: it repeats what is there of it */
	char *text;		 /* header and body, where they are the peer's own */
	void *mine;		 /* the workload's */
	struct tally_exchange now;
	struct http_parser http;
	char in[RPC_IN_SIZE]; /* pipelined requests wait here */
	size_t in_start, in_end;
};

struct server {
	const struct rpc_server_protocol *protocol;
	const struct workload_task *task;
	const struct rpc_server_cfg *cfg; /* what the workload's own begins with */
	struct processors processors;
	struct rng services; /* of service_varies */
	struct tally tally;
	struct secure_context *secure; /* NULL: no TLS */
	int msg_fd, listen_fd;
	int64_t accept_due; /* 0, or when accepting goes on */
	struct peer **peers;
	size_t npeers, room;
	void *mine; /* the workload's */
	struct pollfd *fds;
	bool killed; /* by the runner: its kernel ends the connections */
};

struct peer *peer_new(struct server *s, int fd);
void peer_free(struct peer *p);

/* Closes the connection; the server's sweep frees the peer. */
void peer_close(struct peer *p);

/* Makes text, which the peer takes over, the answer: a header of head bytes, which leaves in a
 * write of its own, and the rest, whose last bytes do so, too, when last isn't 0. */
void peer_answer(struct peer *p, char *text, uint64_t head, uint64_t len, uint64_t last);

/* Makes those writes the answer. head and body are the caller's; of the body there are period
 * bytes, which repeat, and RPC_BODY_SIZE more. */
void peer_repeat(struct peer *p, const struct rpc_response *r, const char *head, const char *body,
		 uint64_t period);

/* Answers with that header, whose length, date and close it sets, and the body, which it takes
 * over. last as above. */
void peer_reply(struct peer *p, struct http_reply *r, struct http_text *body, size_t last);

/* Begins the response that is due. */
void peer_begin_response(struct peer *p);

/* Takes the requests that have been read, until one waits for service or room to be sent. */
void peer_parse(struct peer *p);

/* Handles an event on its socket. */
void peer_event(struct peer *p, short events);

#endif
