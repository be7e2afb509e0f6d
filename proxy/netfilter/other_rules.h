/* other_rules.h - everybody's packet filter rules, as their tools list them. Only reads. */
#ifndef WEDGE_NETFILTER_OTHER_RULES_H
#define WEDGE_NETFILTER_OTHER_RULES_H

#include "proxy/base/err.h"

/* Calls each(arg, text, e) with nft's listing, then with iptables' of that table, IPv4 and IPv6, in
 * both flavours, as far as there are such; each may write to text. The first -1 ends it and is
 * returned. */
int other_rules(const char *table, int (*each)(void *arg, char *text, struct err *e), void *arg,
		struct err *e) WG_MUSTUSE;

#endif
