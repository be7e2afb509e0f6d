/* engine_state.h - struct engine and its proxies, for the engine's own files. */
#ifndef WEDGE_ENGINE_ENGINE_STATE_H
#define WEDGE_ENGINE_ENGINE_STATE_H

#include "proxy/engine/engine_config.h"
#include "proxy/engine/relay_look.h"
#include "proxy/netfilter/redirect.h"
#include "proxy/netfilter/tproxy.h"
#include "proxy/packet/packet_plane.h"
#include "proxy/stream/flow/hold_pool.h"
#include "proxy/stream/listener.h"
#include "proxy/stream/session_state.h"

#include <sys/queue.h>

struct header_wait;
struct lingering;
struct pending_connect;

/* engine_relay.h. Zeroed: none are suspected. */
struct relay_state {
	size_t look_at;		  /* open connections at which is looked next */
	struct relay_look *look;  /* a thread's, or NULL */
	struct timer timer;	  /* of the thread's answer */
	int64_t until, all_until; /* the clock's ns: relays are known, each client is one */
	int64_t rest_until;	  /* the clock's ns: nothing is looked at */
	int64_t period, spent;	  /* since when; ns that looks have taken since */
	struct relay last;
	uint64_t of; /* the session by which that one was reached */
};

struct engine_proxy {
	struct engine *engine;
	char *name;
	struct engine_proxy_config config;
	struct listener *listener; /* NULL when forwarded, or retired unless transparent */
	bool gone;		   /* retired, or not at work yet: takes no new client */
	bool passes_on;		   /* what it still accepts isn't its own */
	bool kept, listener_kept;  /* in a change: it is wanted; its listener is, by any proxy */
	struct relay_state
	    relays;		  /* programs of this host by which its connections may come back */
	size_t users;		  /* sessions and connections that may still call its hooks */
	struct session_list open; /* its sessions, the latest last */
	struct session_tally ended;
	TAILQ_ENTRY(engine_proxy) retired;
};

struct engine {
	struct loop *loop;
	struct env env;
	struct session_commons *commons;
	bool own_commons; /* no other engine uses them */
	struct hold_pool holds;
	struct session_table *sessions;
	struct engine_proxy **proxies;
	size_t nproxies;
	TAILQ_HEAD(, engine_proxy) retired;    /* not among the proxies any more, but used */
	TAILQ_HEAD(, pending_connect) pending; /* clients that wait to be accepted */
	TAILQ_HEAD(, header_wait) waiting;     /* accepted clients, for their PROXY headers */
	TAILQ_HEAD(, lingering) lingering;     /* listeners that nobody comes to any more */
	void (*pass_on)(void *arg, struct engine_arrival *a); /* engine_config */
	void *pass_on_arg;
	struct packet_plane *packets; /* NULL without a packet plane */
	bool packets_all;	      /* it sees all packets, not only clients' SYNs */
	bool marks_legs;	      /* for another engine's rules (engine_mark) */
	bool seen_elsewhere;	      /* another engine's plane sees all packets */
	struct tproxy *tproxy;	      /* NULL before the first transparent proxy */
	struct redirect *redirect;    /* NULL before the first redirecting proxy */
	struct timer passing;	      /* of engine_intercept_stop */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* True when servers see the client's own address. */
static inline bool engine_as_client(const struct engine_proxy_config *pc)
{
	return pc->mode == PROXY_TRANSPARENT && !pc->own_address;
}

/* True when a proxy's clients are accepted when something else is known first, where packets can be
 * queued: their server's answer, or, of an explicit proxy, whether they are to be refused. A client
 * that its own proxy will announce isn't known before it is accepted. */
static inline bool engine_defers_accept(const struct engine_proxy_config *pc)
{
	if (pc->mode == PROXY_EXPLICIT)
		return pc->refuses && !pc->proxy_protocol_in;
	return pc->mode != PROXY_FORWARD && !pc->early_accept;
}

/* True when a proxy's listener outlives its rules: no client reaches it without them, and
 * handshakes that have begun end there. */
static inline bool engine_listens_on(const struct engine_proxy *p)
{
	return p->config.mode == PROXY_TRANSPARENT;
}

#endif
