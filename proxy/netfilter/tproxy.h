/* tproxy.h - brings other hosts' connections to this host's sockets: packet filter rules, routes
 * and the guard that takes them away, however wedge ends. Knows no sockets. */
#ifndef WEDGE_NETFILTER_TPROXY_H
#define WEDGE_NETFILTER_TPROXY_H

#include "proxy/netfilter/intercept_match.h"

struct tproxy;

/* The sockets must listen, transparent, on their ports. Also removes what wedges left behind whose
 * guards died with them. NULL and one line in *e: what is missing, or whose rules are in the way;
 * nothing is left behind. */
struct tproxy *tproxy_new(const struct intercept_match *select, size_t n, struct err *e) WG_MUSTUSE;

/* Other selections; with none, no new connection is taken, and those that stand go on. -1: as it
 * was, or in one address family already as it is to be. */
int tproxy_change(struct tproxy *t, const struct intercept_match *select, size_t n,
		  struct err *e) WG_MUSTUSE;

/* What passes by is dropped where a socket of ours, of the same addresses and ports, is still in
 * TIME_WAIT: the kernel forwards no packet that it has found a socket for. Ends those. A change
 * does so, too. */
void tproxy_let_pass(void);

void tproxy_free(struct tproxy *t); /* NULL is fine */

/* "nftables tproxy", "iptables TPROXY (nf_tables)" or "iptables TPROXY (legacy)". */
const char *tproxy_backend(const struct tproxy *t);

/* What tproxy_new would set, as commands of nft and ip; the caller frees. */
char *tproxy_print(const struct intercept_match *select, size_t n);

#endif
