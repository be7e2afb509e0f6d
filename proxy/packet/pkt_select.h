/* pkt_select.h - whose packets are whose: for each proxy what selects them, and the hooks that
 * their connections call. Knows no connections. */
#ifndef WEDGE_PACKET_PKT_SELECT_H
#define WEDGE_PACKET_PKT_SELECT_H

#include "proxy/netfilter/queue_select.h"
#include "proxy/packet/pkt_copy.h"
#include "proxy/packet/unreachable.h"

struct pkt_conn;

/* The netfilter hook at which the rules caught a packet. */
enum pkt_hook { PKT_HOOK_IN, PKT_HOOK_OUT, PKT_HOOK_FORWARD };

/* The calls that a proxy gets about its connections. A function that is NULL when a selection is
 * set becomes one that does nothing, or returns false. */
struct pkt_hooks {
	/* A new connection, before its first packet meets the stages: this attaches them. */
	void (*open)(void *arg, struct pkt_conn *c);
	/* The connection is about to be forgotten. */
	void (*close)(void *arg, struct pkt_conn *c);
	/* With holds_syns: a client's SYN has passed the stages and is held. true: syn_hold_answer
	 * follows, perhaps within the call. false: the SYN goes on. */
	bool (*syn_held)(void *arg, struct pkt_conn *c);
	/* The client of a pending connection (pkt_conn.pending) has sent an RST. */
	void (*gave_up)(void *arg, struct pkt_conn *c);
	/* ICMP "destination unreachable" has come. true: it is about the connection to the server
	 * of a pending one, and goes no further. */
	bool (*unreachable)(void *arg, const struct unreachable *u);
	bool holds_syns;    /* clients' SYNs are held until syn_hold_answer */
	enum pkt_copy copy; /* how much of packets open's stages need (pkt_ops_copy) */
	void *arg;
};

/* Replaces each function that is NULL by one that does nothing, or returns false. */
void pkt_hooks_complete(struct pkt_hooks *h);

/* The packets of one proxy. */
struct pkt_select {
	struct queue_select match;
	struct pkt_hooks hooks;
};

/* The selections of all proxies: the first that matches has a packet. Embed it, zeroed. */
struct pkt_selects {
	struct pkt_select *select;
	size_t n;
};

/* Replaces the selections; copies them. */
void pkt_selects_set(struct pkt_selects *s, const struct pkt_select *select, size_t n);
void pkt_selects_fini(struct pkt_selects *s);

/* Returns the selection of connections to that address: a server's (forwarded or transparent), or a
 * listener's. NULL: none. Valid until the next pkt_selects_set. */
const struct pkt_select *pkt_selects_find(const struct pkt_selects *s, bool forwarded,
					  const struct addr *a);

/* Returns whether rules redirect connections of this host for one of the proxies. */
bool pkt_selects_has_redirected(const struct pkt_selects *s);

/* Asks each proxy's hook until one returns true, and returns that. */
bool pkt_selects_unreachable(const struct pkt_selects *s, const struct unreachable *u);

#endif
