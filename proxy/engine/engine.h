/* engine.h - a configured wedge: proxies (listeners and forwarded selections) on one loop, with the
 * packet plane when it is asked for. Knows no impairments: they come in as hooks. */
#ifndef WEDGE_ENGINE_ENGINE_H
#define WEDGE_ENGINE_ENGINE_H

#include "proxy/base/addr.h"
#include "proxy/base/journal.h"
#include "proxy/base/log.h"
#include "proxy/base/loop.h"
#include "proxy/engine/upstream_map.h"
#include "proxy/netfilter/redirect.h"
#include "proxy/netfilter/tproxy.h"
#include "proxy/packet/packet_plane.h"
#include "proxy/stream/session.h"

enum proxy_mode { PROXY_EXPLICIT, PROXY_FORWARD, PROXY_TRANSPARENT, PROXY_REDIRECT };

/* Where one connection goes, when its proxy says so for each. */
struct session_route {
	struct host_port upstream;
	struct connector *connector; /* NULL: this process itself */
	uint32_t mark;		     /* of the server leg; 0: what the rules and planes ask for */
	bool mapped;		     /* upstream isn't where the client wanted to go */
	bool untouched;		     /* no impairment of the stream plane */
};

/* One proxy: connections to listen go to upstream (explicit); forwarded connections to the server
 * address and port are watched (forward); those that pass this host are taken, and go on to where
 * they were to go (transparent); or those that a rule redirects to listen do so (redirect). */
struct engine_proxy_config {
	const char *name; /* tells engine_change which one it is */
	enum proxy_mode mode;
	struct addr
	    listen; /* transparent, redirect: any address, and a port or 0; not of forward */
	struct host_port upstream; /* explicit: resolved when a session needs it */
	/* redirect, transparent: where else connections go; NULL: where their clients wanted. Must
	 * live on until the next change. */
	const struct upstream_map *map;
	/* redirect, transparent: another way for a connection whose client wanted to go to that
	 * address; r says the ordinary one. May be NULL. */
	void (*route)(void *arg, const struct addr *orig_dst, struct session_route *r);
	void *route_arg;
	struct addr server; /* forward: any address of its family when addr_is_any; port 0: every */
	struct intercept_match
	    intercept;		/* transparent, redirect; its listen is set by the engine */
	bool caught_elsewhere;	/* redirect: the rules are somebody else's, taken isn't used */
	bool own_address;	/* transparent: the server sees wedge's address, not the client's */
	bool proxy_protocol_in; /* explicit: connections begin with a PROXY header
				   (proxy_protocol.h) */
	/* redirect, transparent: clients are accepted before their server has answered. Else they
	 * wait for its answer and get it, if packets can be queued here. */
	bool early_accept;
	struct session_hooks session_hooks;
	struct pkt_hooks pkt_hooks;
	/* The hooks are called no more: their argument may go. May be NULL. */
	void (*released)(void *arg);
	void *released_arg;
};

/* packet_plane may be off only where no proxy is PROXY_FORWARD. */
struct engine_config {
	const struct engine_proxy_config *proxies;
	size_t nproxies;
	bool packet_plane; /* send the proxies' packets through the queue */
	struct journal *journal;
	const struct log *log;
	uint64_t seed;
};

struct engine;

/* Listens and installs the packet rules. The loop stays the caller's. NULL with *e on failure, with
 * nothing left behind. config is read during the call only; journal, log and hooks must live on. */
struct engine *engine_new(struct loop *loop, const struct engine_config *config,
			  struct err *e) WG_MUSTUSE;

/* Makes the proxies be these, in this order. Those of a known name and mode go on: their listener
 * when it has the same address, their open sessions always; hooks (their arguments must be the
 * same as before) and upstream are for new sessions. One that is not among them accepts no more,
 * its sessions go on to their own end, and then it is released. An address may pass from one proxy
 * to another. packet_plane switches it on for all, also for open sessions; once on it stays on. -1
 * with *e: nothing has changed. */
int engine_change(struct engine *en, const struct engine_proxy_config *proxies, size_t n,
		  bool packet_plane, struct err *e) WG_MUSTUSE;

/* While on, what a change lets go is sent later, in the sessions' turns: the change itself waits
 * for no socket. */
void engine_let_wait(struct engine *en, bool on);

/* Where proxy i listens, with the port that the kernel chose for ":0". Not of a forwarding one. */
const struct addr *engine_listen_addr(const struct engine *en, size_t i);

/* Stops accepting and lets the sessions end; done(arg) is called when the last one has. */
void engine_drain(struct engine *en, void (*done)(void *arg), void *arg);

/* Open sessions whose server hasn't got everything yet that their clients have sent, and its end.
 */
size_t engine_unsent(const struct engine *en);

/* Closes the others in the ordinary way: their clients' programs have ended. */
void engine_hang_up(struct engine *en);

/* Ends every session without a word to either end: what they show on the wire is over. */
void engine_silence(struct engine *en);

struct engine_stats {
	uint64_t sessions_accepted, sessions_open, bytes[DIR_COUNT];
	struct pkt_stats packets; /* all zero without a packet plane */
};
void engine_stats(const struct engine *en, struct engine_stats *out);

/* Closes everything at once: sessions reset, held packets released, rules removed. last, unless
 * NULL: the sessions as they were, and all packets to the very end. */
void engine_free(struct engine *en, struct engine_stats *last);

/* The rules that a transparent or redirecting proxy would get, as commands of nft and ip; the
 * caller frees. packet_plane: as in engine_config. */
char *engine_print_rules(const struct engine_proxy_config *pc, bool packet_plane);

/* By what connections are taken for proxies of that mode: "nftables tproxy", "iptables REDIRECT
 * (legacy)" ...; NULL where none are. */
const char *engine_intercept_backend(const struct engine *en, enum proxy_mode mode);

/* "nftables queue" or "iptables NFQUEUE"; NULL without a packet plane. */
const char *engine_packet_backend(const struct engine *en);

/* How clients of proxy i wait for their server's answer: the same words; NULL where they don't. */
const char *engine_defer_backend(const struct engine *en, size_t i);

#endif
