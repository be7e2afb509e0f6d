/* connector.h - who opens the connections to upstreams, where it isn't this process itself: a
 * process in another network, for instance. Knows no names and no sessions. */
#ifndef WEDGE_STREAM_CONNECTOR_H
#define WEDGE_STREAM_CONNECTOR_H

#include "proxy/base/addr.h"

#include <sys/queue.h>

/* One connection that is wanted. Embed it, zeroed; set what stands before done, and done and arg.
 */
struct connect_request {
	struct addr to;
	uint32_t mark; /* of the socket, where it is this host's network; 0: none */
	size_t rcvbuf; /* sockopt.h; 0: as the kernel likes */
	int *spare;    /* a descriptor that keeps a place free: closed, and -1, right before the new
			  one comes; may be -1 */
	/* From the loop, never from within start: a connected non-blocking socket, the callee's; or
	 * -1 and an errno. */
	void (*done)(void *arg, int fd, int error);
	void *arg;
	uint32_t id; /* the connector's own, like entry; 0: not begun, or over */
	TAILQ_ENTRY(connect_request) entry;
};

struct connector {
	void (*start)(struct connector *c, struct connect_request *rq);
	void (*cancel)(struct connector *c, struct connect_request *rq); /* done isn't called */
};

#endif
