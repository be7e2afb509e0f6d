/* tproxy_text.h - the rules that bring connections to a transparent proxy, as text: for nft, for
 * iptables, and for people who want to read them. Runs nothing. */
#ifndef WEDGE_NETFILTER_TPROXY_TEXT_H
#define WEDGE_NETFILTER_TPROXY_TEXT_H

#include "proxy/netfilter/intercept_match.h"

/* The mark of packets that stay on this host although their destination is another: a routing rule
 * has them looked up in a table with a local route. The lower bits aren't part of it
 * (proxy/base/mark.h). */
#define TPROXY_MARK	 0x5f000000u
#define TPROXY_MARK_MASK 0xff000000u

struct tproxy_rules {
	const char *id;
	const struct intercept_match *select;
	size_t n;
	unsigned zone; /* of connection tracking, for client legs; 0: this kernel has no zones */
};

/* Returns table "inet wedge-ID" with "flags owner"; the caller frees, here and below. */
char *tproxy_text_nft(const struct tproxy_rules *r);

/* Returns table "inet wedge-ID-end": it answers what comes late for legs that wedge has closed, and
 * stands for a moment after wedge's own end. */
char *tproxy_text_end(const char *id);

/* Returns the chains "wedge-ID-..." for iptables-restore or, with AF_INET6, ip6tables-restore.
 * jump: with the jumps to the chains. */
char *tproxy_text_xtables(const struct tproxy_rules *r, int family, bool jump);

#endif
