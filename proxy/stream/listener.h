/* listener.h - a listening socket: accepts as long as there are descriptors, pauses when there are
 * none. Knows nothing of what becomes of a connection. */
#ifndef WEDGE_STREAM_LISTENER_H
#define WEDGE_STREAM_LISTENER_H

#include "proxy/base/addr.h"
#include "proxy/base/log.h"
#include "proxy/base/loop.h"

struct listener;

/* An accepted connection: fd, and spare, a descriptor that only keeps a place free: close it right
 * before the connection's second socket is made. Both are the callee's. */
typedef void (*accept_fn)(void *arg, int fd, int spare, const struct addr *client);

struct listener_config {
	struct addr addr;
	uint32_t mark;	    /* of the listener and so of every connection accepted; 0: none */
	bool loopback_only; /* whatever the address: no other host reaches it */
	bool transparent; /* takes connections to any address; local address: the client's server */
	size_t rcvbuf;	  /* of every connection accepted (sockopt.h); 0: as the kernel likes */
	const struct log *log;
	accept_fn accepted;
	void *arg;
};

/* Binds only, so that the packet rules can be set between this and listener_start. ":PORT" falls
 * back to IPv4 where the host has no IPv6. */
struct listener *listener_new(struct loop *loop, const struct listener_config *config,
			      struct err *e) WG_MUSTUSE;
int listener_start(struct listener *l, struct err *e) WG_MUSTUSE;

const struct addr *listener_addr(const struct listener *l); /* with the port that was given */

/* Whose its next connections are, and what these get. */
void listener_set(struct listener *l, void *arg, uint32_t mark, size_t rcvbuf);

/* Accepts what the kernel has already accepted, then closes. */
void listener_stop(struct listener *l);
void listener_free(struct listener *l); /* NULL is fine */

#endif
