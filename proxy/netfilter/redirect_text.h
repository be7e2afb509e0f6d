/* redirect_text.h - the rules that redirect connections of this host to a proxy on it, as text: for
 * nft, for iptables, and for people who want to read them. Runs nothing. */
#ifndef WEDGE_NETFILTER_REDIRECT_TEXT_H
#define WEDGE_NETFILTER_REDIRECT_TEXT_H

#include "proxy/netfilter/intercept_match.h"

struct redirect_rules {
	const char *id;
	const struct intercept_match *select;
	size_t n;
	unsigned zone; /* of connection tracking, for wedge's own connections; 0: this kernel
			  has no zones */
	bool sealed;   /* a network that has no other host: UDP that would leave it is refused by
			  ICMP, and there are no link-local addresses to reach */
};

/* Returns table "inet wedge-ID" with "flags owner"; the caller frees, here and below. */
char *redirect_text_nft(const struct redirect_rules *r);

/* Returns table "inet wedge-ID-end" with "flags owner": a chain of NAT that redirects nothing. As
 * long as there is such a chain, the kernel goes on translating the connections that were
 * redirected. */
char *redirect_text_end(const char *id);

/* Returns the chains "wedge-ID-..." for iptables-restore or, with AF_INET6, ip6tables-restore.
 * jump: with the jumps to the chains. */
char *redirect_text_xtables(const struct redirect_rules *r, int family, bool jump);

#endif
