/* engine_internal.h - what engine.c (one engine) and engine_change.c (how its proxies come and go)
 * share. Nobody else includes it. */
#ifndef WEDGE_PROXY_ENGINE_INTERNAL_H
#define WEDGE_PROXY_ENGINE_INTERNAL_H

#include "proxy/engine.h"
#include "proxy/stream/listener.h"
#include "proxy/stream/proxy_header.h"

#include <sys/queue.h>

struct engine_proxy {
	struct engine *engine;
	char *name;
	struct proxy_config config;
	struct listener *listener; /* NULL when forwarded or retired */
	size_t users;		   /* sessions and connections that may still call its hooks */
	TAILQ_ENTRY(engine_proxy) retired;
};

struct engine {
	struct loop *loop;
	struct env env;
	struct session_table *sessions;
	struct engine_proxy **proxies;
	size_t nproxies;
	TAILQ_HEAD(, engine_proxy) retired; /* not among the proxies any more, but used */
	struct pkt_side *packets;	    /* NULL without a packet plane */
	struct tproxy *tproxy;		    /* NULL before the first transparent proxy */
	TAILQ_HEAD(, header_wait) waiting;  /* for their PROXY headers */
	uint64_t last_number;		    /* the sequence, where no packet plane keeps it */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* Frees the retired proxies that nobody uses, or all. */
void engine_release(struct engine *en, bool all);

/* Lets the rules take connections for these proxies, and only these. */
int engine_tproxy_set(struct engine *en, const struct tproxy_select *select, size_t n,
		      struct err *e) WG_MUSTUSE;

/* What a listener calls. */
void engine_accepted_cb(void *arg, int fd, int spare, const struct addr *client);

/* Begins the session of an accepted connection. header: what its client's proxy has said, else
 * NULL. NULL: the connection is refused. */
struct session *engine_begin(struct engine_proxy *p, int fd, int spare, const struct addr *peer,
			     const struct proxy_header *header);

/* engine_header.c: the same, once the client's proxy has said it. */
void engine_await_header(struct engine_proxy *p, int fd, int spare, const struct addr *peer);

/* The packet plane has begun: those that wait get the mark of client legs. */
void engine_mark_waiting(struct engine *en);

/* Resets those that still wait. */
void engine_waiting_free(struct engine *en);

#endif
