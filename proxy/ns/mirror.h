/* mirror.h - the interfaces, addresses and destinations of one network namespace, repeated in
 * another: programs there see the host's own, and no route where the host has none. */
#ifndef WEDGE_NS_MIRROR_H
#define WEDGE_NS_MIRROR_H

#include "proxy/ns/rtnl.h"

/* For every interface of "from" but loopback that has addresses or destinations, makes one in "to",
 * the namespace of the descriptor to_ns: with its name, index and hardware address, its addresses,
 * and routes to its destinations of the main table, with their source addresses. Gateways and
 * metrics are left out, and what the kernel refuses in "to". What an interface is given leads
 * nowhere. A connection that is bound to one can be redirected to this host: loopback's addresses
 * have routes on each. mtu in bytes. -1 with *e: "from" can't be read, or no interface made. */
int mirror_network(struct rtnl *from, struct rtnl *to, int to_ns, uint32_t mtu,
		   struct err *e) WG_MUSTUSE;

#endif
