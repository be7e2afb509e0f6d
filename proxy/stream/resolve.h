/* resolve.h - names to addresses without blocking the loop, as every other program of the host
 * would resolve them (nsswitch.conf, /etc/hosts, DNS; RFC 6724 order). */
#ifndef WEDGE_STREAM_RESOLVE_H
#define WEDGE_STREAM_RESOLVE_H

#include "proxy/base/addr.h"
#include "proxy/base/loop.h"

#include <sys/queue.h>

struct resolver;
struct query;

/* One who waits for an answer. Embed it; set fn and arg. */
struct lookup {
	/* n addresses with port, borrowed for the call; n is 0 when error says why there are none.
	 */
	void (*fn)(void *arg, const struct addr *addrs, size_t n, const char *error);
	void *arg;
	struct query *query; /* NULL: not waiting */
	TAILQ_ENTRY(lookup) entry;
};

struct resolver *resolver_new(struct loop *loop, struct err *e) WG_MUSTUSE;
void resolver_free(struct resolver *r); /* nobody waits any more; NULL is fine */

/* Asks, and calls lu->fn later from the loop, never from here. Those who ask for the same name at
 * the same time share one answer. */
void resolver_ask(struct resolver *r, const struct host_port *name, struct lookup *lu);
void lookup_cancel(struct lookup *lu); /* no-op when not waiting */

#endif
