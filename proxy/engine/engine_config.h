/* engine_config.h - what an engine is to do, as data: proxies, and where each takes its
 * connections. */
#ifndef WEDGE_ENGINE_ENGINE_CONFIG_H
#define WEDGE_ENGINE_ENGINE_CONFIG_H

#include "proxy/base/addr.h"
#include "proxy/base/journal.h"
#include "proxy/base/log.h"
#include "proxy/engine/upstream_map.h"
#include "proxy/netfilter/intercept_match.h"
#include "proxy/packet/pkt_tracker.h"
#include "proxy/stream/listener.h"
#include "proxy/stream/session_config.h"
#include "proxy/stream/session_hooks.h"

enum proxy_mode {
	PROXY_EXPLICIT,	   /* connections to listen go to upstream */
	PROXY_FORWARD,	   /* forwarded connections to server are watched */
	PROXY_TRANSPARENT, /* connections that pass this host are taken, and go on */
	PROXY_REDIRECT,	   /* connections that a rule redirects to listen go on */
};

/* The way of one connection, which its proxy decides for each. */
struct session_route {
	struct host_port upstream;
	struct connector *connector; /* NULL: this process itself */
	uint32_t mark;		     /* of the server leg; 0: what the rules and planes ask for */
	bool mapped;		     /* upstream isn't where the client wanted to go */
	bool untouched;		     /* no impairment of the stream plane, nor wedge's TLS */
};

struct engine_proxy_config {
	const char *name; /* engine_change finds the proxy by its name and mode */
	enum proxy_mode mode;
	/* transparent, redirect: any address, and a port or 0; not of forward. */
	struct addr listen;
	struct host_port upstream; /* explicit: resolved when a session needs it */
	/* redirect, transparent: where connections go instead; NULL: where their clients wanted.
	 * Must outlive the next change. */
	const struct upstream_map *map;
	/* redirect, transparent: may change r, the route of a connection whose client wanted to go
	 * to orig_dst; r has the ordinary route before. NULL: the ordinary route. */
	void (*route)(void *arg, const struct addr *client, const struct addr *orig_dst,
		      struct session_route *r);
	void *route_arg;
	struct addr server; /* forward: any address of its family when addr_is_any; port 0: every */
	/* transparent, redirect: which connections the rules take; the engine sets its listen. */
	struct intercept_match intercept;
	/* explicit: whether other engines of this process listen on the same address; elsewhere:
	 * they do, and this one has only sessions from before. */
	enum listener_share share;
	bool listens_elsewhere;
	bool passes_on;		/* and all of its sessions to come are that other one's */
	bool caught_elsewhere;	/* redirect: the rules are the caller's, intercept isn't used */
	bool own_address;	/* transparent: the server sees wedge's address, not the client's */
	bool proxy_protocol_in; /* explicit: connections begin with a PROXY header */
	/* Hooks may refuse a client (ACCEPT_REFUSE): SYNs of explicit proxies are held for that,
	 * too, if packets can be queued here. */
	bool refuses;
	/* redirect, transparent: clients are accepted before their server has answered. Else their
	 * accept is deferred until it has, if packets can be queued here. */
	bool early_accept;
	/* rcvbuf, tls and proxy_protocol_out of its sessions; the engine sets the rest. */
	struct session_config session_config;
	struct session_hooks session_hooks;
	struct pkt_hooks pkt_hooks;
	/* The engine calls this proxy's hooks no more: their argument may go. May be NULL. */
	void (*released)(void *arg);
	void *released_arg;
};

/* A connection that one engine has accepted and another one of its process is to have. Descriptors
 * and pointers are the holder's. */
struct engine_arrival {
	char *proxy; /* an explicit one's name */
	int fd, spare;
	struct addr peer;
	uint8_t *bytes; /* of its PROXY header, so far, or NULL */
	size_t n;
};

struct engine_config {
	const struct engine_proxy_config *proxies;
	size_t nproxies;
	bool packet_plane; /* queue the packets of all proxies; a PROXY_FORWARD needs it */
	struct journal *journal;
	const struct log *log;
	uint64_t seed;
	bool timed;	   /* sessions keep account of how long bytes are inside (flow_time.h) */
	size_t hold_limit; /* bytes that all sessions may hold; 0: as hold_total_init has it */
	/* What it shares with other engines of this process, which must outlive it, and has
	 * hold_limit's part; NULL: nothing. */
	struct session_commons *commons;
	/* Takes a connection of a proxy that passes_on; it is the callee's then, who frees it.
	 * NULL: none does. */
	void (*pass_on)(void *arg, struct engine_arrival *a);
	void *pass_on_arg;
};

#endif
