/* engine_state.h - what engine.c (one engine) and engine_change.c (how its proxies come and go)
 * share. Nobody else includes it. */
#ifndef WEDGE_ENGINE_ENGINE_STATE_H
#define WEDGE_ENGINE_ENGINE_STATE_H

#include "proxy/engine/engine.h"
#include "proxy/stream/listener.h"
#include "proxy/stream/proxy_protocol/proxy_protocol.h"

#include <sys/queue.h>

struct pending_connect;

struct engine_proxy {
	struct engine *engine;
	char *name;
	struct engine_proxy_config config;
	struct listener *listener; /* NULL when forwarded, or retired unless transparent */
	bool gone;		   /* retired: takes nobody new */
	size_t users;		   /* sessions and connections that may still call its hooks */
	TAILQ_ENTRY(engine_proxy) retired;
};

struct engine {
	struct loop *loop;
	struct env env;
	struct session_table *sessions;
	struct engine_proxy **proxies;
	size_t nproxies;
	TAILQ_HEAD(, engine_proxy) retired;    /* not among the proxies any more, but used */
	TAILQ_HEAD(, pending_connect) pending; /* clients that wait to be accepted */
	struct packet_plane *packets;	       /* NULL without a packet plane */
	bool packets_all;		   /* of all proxies, and not only their clients' SYNs */
	struct tproxy *tproxy;		   /* NULL before the first transparent proxy */
	struct redirect *redirect;	   /* NULL before the first redirecting one */
	struct timer passing;		   /* engine_intercept_nothing */
	TAILQ_HEAD(, header_wait) waiting; /* for their PROXY headers */
	uint64_t last_number;		   /* the sequence, where no packet plane keeps it */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* Frees the retired proxies that nobody uses, or all. */
void engine_release(struct engine *en, bool all);

/* Lets the rules take what these selections say, and only that. One without an interface is of this
 * host's own connections. -1: part of it may have changed. */
int engine_intercept(struct engine *en, const struct intercept_match *select, size_t n,
		     struct err *e) WG_MUSTUSE;

/* Whether connections are taken for a proxy by rules of the engine's. */
bool engine_intercepts_for(const struct engine_proxy_config *pc);

/* Takes nobody any more. What passes by until the rules go doesn't meet the TIME_WAITs of sessions
 * that end meanwhile. */
void engine_intercept_nothing(struct engine *en);

/* The rules go. */
void engine_intercept_end(struct engine *en);

/* Where a connection goes whose client wanted to go there. false: to the listener itself, by no
 * rule of ours; dialling that would end here again. */
bool engine_route(const struct engine_proxy *p, const struct addr *orig_dst,
		  struct session_route *r);

/* The hooks of a session whose client wanted to go there, and which goes where r says. */
void engine_hooks(struct engine_proxy *p, const struct addr *orig_dst,
		  const struct session_route *r, struct session_hooks *hooks);

/* Whether servers see the client's own address. */
static inline bool engine_as_client(const struct engine_proxy_config *pc)
{
	return pc->mode == PROXY_TRANSPARENT && !pc->own_address;
}

/* Whether a proxy's clients wait for their server's answer, where they can. */
static inline bool engine_defers_accept(const struct engine_proxy_config *pc)
{
	return (pc->mode == PROXY_TRANSPARENT || pc->mode == PROXY_REDIRECT) && !pc->early_accept;
}

/* Whether its listener outlives its rules: nobody else comes to it, and handshakes end there. */
static inline bool engine_listens_on(const struct engine_proxy *p)
{
	return p->config.mode == PROXY_TRANSPARENT;
}

/* What of the packets is a proxy's. listen: of its listener; NULL: it has none. all: not only its
 * clients' SYNs. */
struct pkt_select engine_select(const struct engine_proxy_config *pc, struct engine_proxy *p,
				const struct addr *listen, bool all);

/* What the packet plane calls of clients that ask for a connection (engine_connect.c). */
bool engine_syn_held_cb(void *arg, struct pkt_conn *c);
void engine_gave_up_cb(void *arg, struct pkt_conn *c);
bool engine_unreachable_cb(void *arg, const struct unreachable *u);

/* The session that a client's asking has begun; when the client is accepted, the asking is over. */
struct session *pending_connect_session(const struct pending_connect *a);
void pending_connect_free(struct pending_connect *a);

/* This proxy takes nobody any more: who still waits hears nothing, and tries again; who has been
 * let in has some seconds to complete its handshake. NULL: every proxy. */
void engine_connect_end(struct engine *en, const struct engine_proxy *p);

/* The rules have changed: who waits and isn't its proxy's any more hears nothing, and is another's,
 * or passes by, when it tries again. */
void engine_connect_recheck(struct engine *en);

/* What a listener calls. */
void engine_accepted_cb(void *arg, int fd, int spare, const struct addr *client);

/* Begins the session of an accepted connection. header: what its client's proxy has said, else
 * NULL. NULL: the connection is refused. */
struct session *engine_begin(struct engine_proxy *p, int fd, int spare, const struct addr *peer,
			     const struct proxy_protocol_header *header);

/* engine_accept.c: the same, once the client's proxy has said it. */
void engine_await_header(struct engine_proxy *p, int fd, int spare, const struct addr *peer);

/* The packet plane has begun: those that wait get the mark of client legs. */
void engine_mark_waiting(struct engine *en);

/* Resets those that still wait. */
void engine_waiting_free(struct engine *en);

#endif
