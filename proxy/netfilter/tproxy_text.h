/* tproxy_text.h - the rules that bring connections to a transparent proxy, as text: for nft, for
 * iptables, and with the routes for whoever wants to read them. Runs nothing. */
#ifndef WEDGE_NETFILTER_TPROXY_TEXT_H
#define WEDGE_NETFILTER_TPROXY_TEXT_H

#include "proxy/netfilter/intercept_match.h"

#include <stdio.h>

/* On packets that stay here though their destination is another's; a rule of routing sends them to
 * the local table. The lower bits are another's (proxy/base/mark.h). */
#define TPROXY_MARK	 0x5f000000u
#define TPROXY_MARK_MASK 0xff000000u

/* What a selection matches, in one or more rules: how many, whether rule i is of that family, and
 * its words, " -i eth1 -p tcp ..." for iptables. */
size_t tproxy_match_count(const struct intercept_match *s);
bool tproxy_match_family(const struct intercept_match *s, size_t i, int family);
void tproxy_match_xtables(FILE *out, const struct intercept_match *s, size_t i);

/* The same for nft, where one network needs one rule: NULL is every one. "ip ", "ip6 " or "" is
 * returned: the family that it has named. */
const char *tproxy_match_nft(FILE *out, const struct intercept_match *s, const struct cidr *to);

/* rule() once for each rule of nft that these selections need, in order. */
void tproxy_each_nft(FILE *out, const struct intercept_match *select, size_t n,
		     void (*rule)(FILE *out, const struct intercept_match *s,
				  const struct cidr *to));

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
