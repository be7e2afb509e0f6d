/* policy_route.h - the routing that keeps marked packets here: one rule and one table with a local
 * default route, for IPv4 and IPv6. Knows no rules of a packet filter. */
#ifndef WEDGE_NETFILTER_POLICY_ROUTE_H
#define WEDGE_NETFILTER_POLICY_ROUTE_H

#include "proxy/base/err.h"

#include <stdint.h>

enum { POLICY_ROUTE_TABLES = 16, POLICY_ROUTE_FIRST = 23800 };

/* Packets with mark under mask look into table first. */
struct policy_route {
	uint32_t mark, mask;
	int table; /* POLICY_ROUTE_FIRST + 0 .. POLICY_ROUTE_TABLES - 1; also tells the rule's
		      priority */
};

/* What was there in that table before is replaced. */
int policy_route_add(const struct policy_route *p, struct err *e) WG_MUSTUSE;

/* Removes whatever of it is there. */
void policy_route_remove(const struct policy_route *p);

/* The priority of its rule. */
uint32_t policy_route_priority(const struct policy_route *p);

#endif
