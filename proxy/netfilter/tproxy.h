/* tproxy.h - brings connections of other hosts to this host's sockets, by packet filter rules and
 * routes that don't outlive wedge. Knows no sockets. */
#ifndef WEDGE_NETFILTER_TPROXY_H
#define WEDGE_NETFILTER_TPROXY_H

#include "proxy/netfilter/intercept_match.h"

struct tproxy;

/* Brings what the n selections match to their ports, where transparent sockets must listen
 * (IP_TRANSPARENT). Uses nftables where the kernel has the tproxy statement, else xtables
 * (ruleset.h). NULL and one line in *e that tells what is missing, or whose rules are in the way:
 * nothing is left behind. */
struct tproxy *tproxy_new(const struct intercept_match *select, size_t n, struct err *e) WG_MUSTUSE;

/* Replaces the selections. With none, no new connection is taken, and established ones go on. -1:
 * the rules are unchanged, or changed in one address family only. */
int tproxy_change(struct tproxy *t, const struct intercept_match *select, size_t n,
		  struct err *e) WG_MUSTUSE;

/* Ends wedge's sockets in TIME_WAIT: the kernel forwards no packet for which it finds a socket of
 * the same addresses and ports, so a connection that is no longer taken would be dropped.
 * tproxy_change does so too. */
void tproxy_let_pass(void);

/* Removes the rules and routes; NULL is fine. */
void tproxy_free(struct tproxy *t);

/* Returns the way that works: "nftables tproxy", "iptables TPROXY (nf_tables)" or "iptables TPROXY
 * (legacy)". */
const char *tproxy_backend(const struct tproxy *t);

/* Returns what tproxy_new would set, as commands of nft and ip; the caller frees. */
char *tproxy_print(const struct intercept_match *select, size_t n);

#endif
