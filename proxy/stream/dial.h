/* dial.h - one connection to an upstream: its name resolved, its addresses tried in order. Knows no
 * sessions. */
#ifndef WEDGE_STREAM_DIAL_H
#define WEDGE_STREAM_DIAL_H

#include "proxy/stream/connector.h"
#include "proxy/stream/resolve.h"

struct event;

/* Embed it, zeroed. */
struct dial {
	struct loop *loop;
	struct lookup lookup;
	struct host_port name;
	uint32_t mark;
	size_t rcvbuf;	    /* sockopt.h; 0: as the kernel likes */
	struct addr source; /* connect from this address, which may be another host's, and from its
			       port or where that is taken another; len 0: as the kernel likes */
	bool may_be_here;   /* the upstream may be this host: source isn't for that */
	int spare;	    /* keeps a descriptor's place free; -1 once it is used */
	int fd;
	struct event *event;
	struct connector *connector; /* who connects, "localhost" being its host; NULL:
					this process */
	struct connect_request request;
	struct addr *addrs;
	size_t n, at;
	/* An attempt has begun, by fd, which stays the dial's; may be NULL. Not of a connector. */
	void (*began)(void *arg, int fd, const struct addr *addr);
	int error; /* errno of the last address that failed; 0: none has */
	/* fd is the callee's, connected to *addr; or -1 and why. With a literal address that fails
	 * at once it is called from within dial_start. */
	void (*done)(void *arg, int fd, const struct addr *addr, const char *why);
	void *arg;
};

/* Set loop, mark, rcvbuf, source, spare, connector, began, done and arg before; spare and fd are -1
 * in a dial that isn't started. */
void dial_start(struct dial *d, struct resolver *r, const struct host_port *name);

/* The network says so of the address that is being tried: on to the next one. */
void dial_fail(struct dial *d, int error);

/* Forgets it and frees what it holds; done isn't called any more. Also after done. */
void dial_fini(struct dial *d);

#endif
