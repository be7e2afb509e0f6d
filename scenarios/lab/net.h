/* net.h - the lab's network: a namespace for each host, for wedge and a switch, links, addresses,
 * routes. Leaves the plan to net_plan.h and messages to rtnl.h. */
#ifndef WEDGE_SCENARIOS_LAB_NET_H
#define WEDGE_SCENARIOS_LAB_NET_H

#include "proxy/base/err.h"
#include "scenarios/lab/net_plan.h"

#include <jansson.h>

#define NET_MTU 1500

struct net {
	struct net_plan plan;
	/* By host, the switch's last; the process's end closes them. */
	int *ns;
	struct rtnl *rtnl;
};

/* Makes the namespaces and all that is in them. The caller ends up in one of them. Puts "sysctls",
 * "offloads", "routes", "mtu", "ipv6" and, of hosts beside the three, "hosts" into env. On -1 the
 * calling process is no longer of use (its exit closes its descriptors). */
int net_build(const struct lab_spec *spec, struct net *net, json_t *env, struct err *e) WG_MUSTUSE;

/* Plugs a host's cable in, or pulls it out: what the host sends or is sent then is lost. Only where
 * lab_spec.pluggable. */
int net_link(struct net *net, int host, bool up, struct err *e) WG_MUSTUSE;

#endif
