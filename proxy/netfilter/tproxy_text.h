/* tproxy_text.h - the rules that bring connections to a transparent proxy, as text: for nft, for
 * iptables, and with the routes for whoever wants to read them. Runs nothing. */
#ifndef WEDGE_NETFILTER_TPROXY_TEXT_H
#define WEDGE_NETFILTER_TPROXY_TEXT_H

#include "proxy/netfilter/intercept_match.h"

/* On packets that stay here though their destination is another's; a rule of routing sends them to
 * the local table. The lower bits are another's (proxy/base/mark.h). */
#define TPROXY_MARK	 0x5f000000u
#define TPROXY_MARK_MASK 0xff000000u

struct tproxy_rules {
	const char *id;
	const struct intercept_match *select;
	size_t n;
	unsigned zone; /* of connection tracking, for client legs; 0: this kernel has none */
};

/* Table "inet wedge-ID" with "flags owner"; the caller frees, here and below. */
char *tproxy_text_nft(const struct tproxy_rules *r);

/* For iptables-restore or, with AF_INET6, ip6tables-restore. jump: with the jump to the chain. */
char *tproxy_text_xtables(const struct tproxy_rules *r, int family, bool jump);

#endif
