/* intercept_text.h - the words by which rules match the connections that an intercept_match
 * selects, for nft and for iptables. Knows no verdict of a rule and runs nothing. */
#ifndef WEDGE_NETFILTER_INTERCEPT_TEXT_H
#define WEDGE_NETFILTER_INTERCEPT_TEXT_H

#include "proxy/netfilter/intercept_match.h"

#include <stdio.h>

/* Returns how many rules of nft a selection needs: one for each network. */
size_t intercept_text_nft_count(const struct intercept_match *s);

/* Writes the words of rule i for nft, which end with a space. Returns the address family that they
 * name, as nft's word: "ip ", "ip6 ", or "" when they name none. */
const char *intercept_text_nft(FILE *out, const struct intercept_match *s, size_t i);

/* Returns how many rules of iptables a selection needs, in both address families together: one for
 * each network and range of ports. */
size_t intercept_text_xtables_count(const struct intercept_match *s);

/* Returns whether rule i belongs to that family, AF_INET or AF_INET6. */
bool intercept_text_xtables_is_in(const struct intercept_match *s, size_t i, int family);

/* Writes the words of rule i for iptables, which begin with a space: " -i eth1 -p tcp ...". */
void intercept_text_xtables(FILE *out, const struct intercept_match *s, size_t i);

#endif
