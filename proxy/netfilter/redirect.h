/* redirect.h - brings connections that programs of this host open to sockets on it, by packet
 * filter rules that don't outlive wedge. Knows no sockets. */
#ifndef WEDGE_NETFILTER_REDIRECT_H
#define WEDGE_NETFILTER_REDIRECT_H

#include "proxy/netfilter/redirect_text.h"

struct redirect;

/* Checks the right to set such rules here. -1: *e tells what is missing. */
int redirect_allowed(struct err *e) WG_MUSTUSE;

/* Redirects what the n selections match to their ports, where sockets must listen on loopback;
 * these learn the original destination by SO_ORIGINAL_DST. Connections of sockets with one of
 * wedge's marks (proxy/base/mark.h) aren't redirected. Uses nftables where the kernel has the
 * redirect statement, else xtables (ruleset.h). NULL and one line in *e that tells what is missing,
 * or whose rules are in the way: nothing is left behind. */
struct redirect *redirect_new(const struct intercept_match *select, size_t n,
			      struct err *e) WG_MUSTUSE;

/* Redirects every connection to that port, and refuses UDP to other hosts, in a network namespace
 * of wedge's own, with which the rules end. NULL as above. */
struct redirect *redirect_new_sealed(uint16_t port, struct err *e) WG_MUSTUSE;

/* Replaces the selections. With none, no new connection is redirected, and established ones go on.
 * -1: the rules are unchanged, or changed in one address family only. */
int redirect_change(struct redirect *r, const struct intercept_match *select, size_t n,
		    struct err *e) WG_MUSTUSE;

/* Removes the rules. The caller closes the sockets first: what these still send must be translated.
 * NULL is fine. */
void redirect_free(struct redirect *r);

/* Returns the way that works: "nftables redirect", "iptables REDIRECT (nf_tables)" or "iptables
 * REDIRECT (legacy)". */
const char *redirect_backend(const struct redirect *r);

/* Returns the rules that redirect_new would set, as nft reads them; the caller frees. */
char *redirect_print(const struct intercept_match *select, size_t n);

#endif
