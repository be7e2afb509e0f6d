/* mirror.h - the addresses and destinations of one network namespace, repeated in another: programs
 * there see the host's own addresses, and no route where the host has none. */
#ifndef WEDGE_NS_MIRROR_H
#define WEDGE_NS_MIRROR_H

#include "proxy/ns/rtnl.h"

/* Gives the interface index of "to" every global address that "from" has, and a route to every
 * destination of its main table, with its source address; gateways and metrics are left out, and
 * what the kernel refuses in "to". -1 with *e only when "from" can't be read. */
int mirror_network(struct rtnl *from, struct rtnl *to, int index, struct err *e) WG_MUSTUSE;

#endif
