/* resolve.h - names to addresses without blocking the loop, as every other program of the host
 * would resolve them (nsswitch.conf, /etc/hosts, DNS; RFC 6724 order). */
#ifndef WEDGE_STREAM_RESOLVE_H
#define WEDGE_STREAM_RESOLVE_H

#include "proxy/base/addr.h"
#include "proxy/base/loop.h"

#include <sys/queue.h>

struct resolver;
struct query;

/* Waits for an answer. Embedded; the caller sets fn and arg. */
struct lookup {
	/* Lends n addresses with port for the call; n is 0 when error says why there are none. */
	void (*fn)(void *arg, const struct addr *addrs, size_t n, const char *error);
	void *arg;
	struct query *query; /* NULL: the lookup isn't waiting */
	TAILQ_ENTRY(lookup) entry;
};

struct resolver *resolver_new(struct loop *loop, struct err *e) WG_MUSTUSE;
/* Frees a resolver on which no lookup waits; NULL is fine. */
void resolver_free(struct resolver *r);

/* Asks for the name, and calls lu->fn later from the loop, never from within this call. Lookups of
 * one name at one time share one answer. */
void resolver_ask(struct resolver *r, const struct host_port *name, struct lookup *lu);
void lookup_cancel(struct lookup *lu); /* no-op when lu isn't waiting */

#endif
