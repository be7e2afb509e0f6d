/* dial.h - one connection to an upstream: its name resolved, its addresses tried in order. Knows no
 * sessions. */
#ifndef WEDGE_STREAM_DIAL_H
#define WEDGE_STREAM_DIAL_H

#include "proxy/stream/connector.h"
#include "proxy/stream/resolve.h"

struct event;

/* Embedded, zeroed. */
struct dial {
	struct loop *loop;
	struct lookup lookup;
	struct host_port name;
	uint32_t mark;
	size_t rcvbuf; /* sockopt.h; 0: as the kernel likes */
	/* The address to connect from, which may be another host's. Its port is taken too, or
	 * another one where that is in use. len 0: as the kernel likes. */
	struct addr source;
	bool may_be_here; /* the upstream may be this host, and is then dialled without source */
	int spare;	  /* keeps a descriptor's place free; -1 once it is used */
	int fd;
	struct event *event;
	/* Opens the connection; "localhost" is then its host. NULL: this process does. */
	struct connector *connector;
	struct connect_request request;
	struct addr *addrs;
	size_t n, at;
	/* Reports an attempt by fd, which stays the dial's; not called for a connector; may be
	 * NULL. */
	void (*began)(void *arg, int fd, const struct addr *addr);
	int error; /* errno of the last address that failed; 0: none has */
	/* Gives the callee fd, connected to *addr; or -1 and why. A literal address that fails at
	 * once is reported from within dial_start. */
	void (*done)(void *arg, int fd, const struct addr *addr, const char *why);
	void *arg;
};

/* Resolves the name and tries its addresses. The caller has set loop, mark, rcvbuf, source, spare,
 * connector, began, done and arg; spare and fd are -1 in a dial that isn't started. */
void dial_start(struct dial *d, struct resolver *r, const struct host_port *name);

/* Gives up the address that is being tried, for the network has reported error (an errno), and
 * tries the next one. */
void dial_fail(struct dial *d, int error);

/* Ends the dial and frees what it holds; done isn't called any more. Legal after done, too. */
void dial_fini(struct dial *d);

#endif
