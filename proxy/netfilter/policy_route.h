/* policy_route.h - the routing that keeps marked packets on this host: one rule and one table with
 * a local default route, for IPv4 and IPv6. Knows no packet filter. */
#ifndef WEDGE_NETFILTER_POLICY_ROUTE_H
#define WEDGE_NETFILTER_POLICY_ROUTE_H

#include "proxy/base/err.h"

#include <stdint.h>

enum { POLICY_ROUTE_TABLES = 16, POLICY_ROUTE_FIRST = 23800 };

/* Packets that have mark under mask are looked up in table first. */
struct policy_route {
	uint32_t mark, mask;
	int table; /* POLICY_ROUTE_FIRST + 0 .. POLICY_ROUTE_TABLES - 1; determines the rule's
		      priority */
};

/* Adds the rule and the route; first removes those of that table that are there. -1: part of them
 * may be there. */
int policy_route_add(const struct policy_route *p, struct err *e) WG_MUSTUSE;

/* Removes the rule and the route, as far as they are there. */
void policy_route_remove(const struct policy_route *p);

/* Returns the priority of the rule. */
uint32_t policy_route_priority(const struct policy_route *p);

#endif
