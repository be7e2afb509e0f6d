/* other_rules.h - the packet filter rules of everybody in this network namespace, as their tools
 * list them. Changes none. */
#ifndef WEDGE_NETFILTER_OTHER_RULES_H
#define WEDGE_NETFILTER_OTHER_RULES_H

#include "proxy/base/err.h"

/* Calls each(arg, text, e) with the listing of nft, then with those of that iptables table, for
 * IPv4 and IPv6, on nf_tables and legacy, as far as there are such; each may write to text. The
 * first -1 ends it and is returned. */
int other_rules(const char *table, int (*each)(void *arg, char *text, struct err *e), void *arg,
		struct err *e) WG_MUSTUSE;

#endif
