/* connector.h - opens connections to upstreams in place of this process, for instance from another
 * network. Knows no names and no sessions. */
#ifndef WEDGE_STREAM_CONNECTOR_H
#define WEDGE_STREAM_CONNECTOR_H

#include "proxy/base/addr.h"

#include <sys/queue.h>

/* One connection that is asked for. Embedded, zeroed; the caller sets all members before id. */
struct connect_request {
	struct addr to;
	uint32_t mark; /* of the socket, where it is this host's network; 0: none */
	size_t rcvbuf; /* sockopt.h; 0: as the kernel likes */
	/* A descriptor that keeps a place free, or -1: the connector closes it, and makes it -1,
	 * right before it takes the connection's. */
	int *spare;
	/* Tells the address that the connection comes from, once it is being opened, before done;
	 * NULL: it isn't asked for. */
	void (*began)(void *arg, const struct addr *local);
	/* Gives the callee a connected non-blocking socket; or -1 and an errno. Called from the
	 * loop, never from within start. */
	void (*done)(void *arg, int fd, int error);
	void *arg;
	/* The connector's own. id 0: the request hasn't begun, or is over. */
	uint32_t id;
	TAILQ_ENTRY(connect_request) entry;
};

struct connector {
	void (*start)(struct connector *c, struct connect_request *rq);
	/* Forgets the request; done isn't called. */
	void (*cancel)(struct connector *c, struct connect_request *rq);
};

#endif
