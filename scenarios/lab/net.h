/* net.h - the lab's network: three namespaces, two links, addresses, routes. Knows the topology of
 * lab.h and leaves messages to rtnl.h. */
#ifndef WEDGE_SCENARIOS_LAB_NET_H
#define WEDGE_SCENARIOS_LAB_NET_H

#include "proxy/base/err.h"
#include "scenarios/lab/lab_spec.h"

#include <jansson.h>

#define NET_MTU 1500

/* Makes the namespaces and all that is in them; ns[host] become their descriptors. The caller ends
 * up in one of them. Puts "sysctls", "offloads", "routes", "mtu" and "ipv6" into env. On -1 the
 * calling process is no longer of use (its exit closes its descriptors). */
int net_build(const struct lab_spec *spec, int ns[LAB_HOST_COUNT], json_t *env,
	      struct err *e) WG_MUSTUSE;

#endif
