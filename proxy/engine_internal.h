/* engine_internal.h - what engine.c (one engine) and engine_change.c (how its proxies come and go)
 * share. Nobody else includes it. */
#ifndef WEDGE_PROXY_ENGINE_INTERNAL_H
#define WEDGE_PROXY_ENGINE_INTERNAL_H

#include "proxy/engine.h"
#include "proxy/stream/listener.h"

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
	struct redirect *redirect;	    /* NULL before the first redirecting one */
	uint64_t last_number;		    /* the sequence, where no packet plane keeps it */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* Frees the retired proxies that nobody uses, or all. */
void engine_release(struct engine *en, bool all);

/* Lets the rules take what these selections say, and only that. One without an interface is of this
 * host's own connections. -1: part of it may have changed. */
int engine_take(struct engine *en, const struct tproxy_select *select, size_t n,
		struct err *e) WG_MUSTUSE;

/* Whether connections are taken for a proxy by rules of the engine's. */
bool engine_takes_for(const struct proxy_config *pc);

/* The rules go. */
void engine_take_end(struct engine *en);

/* What a listener calls. */
void engine_accepted_cb(void *arg, int fd, int spare, const struct addr *client);

#endif
