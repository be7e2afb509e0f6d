/* listener.h - a listening socket: accepts as long as there are descriptors, pauses when there are
 * none. Knows nothing of what becomes of a connection. */
#ifndef WEDGE_STREAM_LISTENER_H
#define WEDGE_STREAM_LISTENER_H

#include "proxy/base/addr.h"
#include "proxy/base/log.h"
#include "proxy/base/loop.h"

struct listener;

/* Gives the callee an accepted connection: fd, and spare, an IPv4 socket as sock_tcp makes it, to
 * be the connection's second one; where that is to be another, spare keeps its place free, and is
 * closed right before. */
typedef void (*accept_fn)(void *arg, int fd, int spare, const struct addr *client);

/* Which listeners of this process have the same address, each with a share of its clients
 * (SO_REUSEPORT). Another process can't join them. */
enum listener_share {
	LISTENER_ALONE,
	LISTENER_FIRST, /* others may join it */
	LISTENER_JOINS, /* the address is that of a first one, which is there */
};

struct listener_config {
	struct addr addr;
	uint32_t mark; /* of the listener and so of every connection accepted; 0: none */
	enum listener_share share;
	bool loopback_only; /* no other host reaches the listener, whatever its address */
	/* Connections to any address are accepted; their local address is the client's server. */
	bool transparent;
	size_t rcvbuf; /* of every connection accepted (sockopt.h); 0: as the kernel likes */
	const struct log *log;
	accept_fn accepted;
	void *arg;
};

/* Only binds, so that the packet rules can be set before listener_start. ":PORT" falls back to IPv4
 * where the host has no IPv6. */
struct listener *listener_new(struct loop *loop, const struct listener_config *config,
			      struct err *e) WG_MUSTUSE;
int listener_start(struct listener *l, struct err *e) WG_MUSTUSE;

/* Returns the address with the port that the kernel has given. */
const struct addr *listener_addr(const struct listener *l);

/* Sets arg of accepted, and the mark and rcvbuf of the connections accepted next. */
void listener_set(struct listener *l, void *arg, uint32_t mark, size_t rcvbuf);

/* Has new clients come to the first of the listeners with l's address, until another one joins.
 * Handshakes that have begun end where they began. Where the kernel can't do that, nothing changes.
 */
void listener_prefer_first(struct listener *l);

/* Takes the connections that the kernel has already accepted, then closes. */
void listener_stop(struct listener *l);
void listener_free(struct listener *l); /* NULL is fine */

#endif
