/* redirect.h - brings this host's own connections to sockets on it: packet filter rules, and the
 * guard that takes them away, however wedge ends. Knows no sockets. */
#ifndef WEDGE_NETFILTER_REDIRECT_H
#define WEDGE_NETFILTER_REDIRECT_H

#include "proxy/netfilter/redirect_text.h"

struct redirect;

/* -1 and one line in *e: this process may not set such rules here. */
int redirect_allowed(struct err *e) WG_MUSTUSE;

/* The sockets must listen on their ports, on loopback; where a connection was to go they learn by
 * SO_ORIGINAL_DST. Sockets with one of wedge's marks (proxy/base/mark.h) connect as they like.
 * nftables where the kernel has its redirect, else xtables; chosen by trying. Also removes what
 * wedges left behind whose guards died with them. NULL and one line in *e: what is missing, or
 * whose rules are in the way; nothing is left behind. */
struct redirect *redirect_new(const struct intercept_match *select, size_t n,
			      struct err *e) WG_MUSTUSE;

/* In a network namespace of our own, with which the rules end: every connection goes to that port,
 * and UDP that would leave by its only interface is refused. */
struct redirect *redirect_new_sealed(uint16_t port, const char *interface,
				     struct err *e) WG_MUSTUSE;

/* Other selections; with none, no new connection is taken, and those that stand go on. -1: as it
 * was, or in one address family already as it is to be. */
int redirect_change(struct redirect *r, const struct intercept_match *select, size_t n,
		    struct err *e) WG_MUSTUSE;

/* Close the sockets before: what they still send must be translated. NULL is fine. */
void redirect_free(struct redirect *r);

/* "nftables redirect", "iptables REDIRECT (nf_tables)" or "iptables REDIRECT (legacy)". */
const char *redirect_backend(const struct redirect *r);

/* What redirect_new would set, as nft reads it; the caller frees. */
char *redirect_print(const struct intercept_match *select, size_t n);

#endif
