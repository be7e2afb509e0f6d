/* net_plan.h - the interfaces and cables of a lab's network, as data: pure, made of a lab_spec. */
#ifndef WEDGE_SCENARIOS_LAB_NET_PLAN_H
#define WEDGE_SCENARIOS_LAB_NET_PLAN_H

#include "proxy/ns/rtnl.h"
#include "scenarios/lab/lab_spec.h"

#include <net/if.h>

/* A cable from a host to wedge's namespace. */
struct net_cable {
	int host;
	enum lab_side side;
	struct rtnl_end at_host, at_wedge; /* at_wedge: the side's own interface, or a port of it */
	char port_name[IFNAMSIZ];	   /* what at_wedge.name may point to */
};

struct net_plan {
	struct rtnl_end side[LAB_SIDE_COUNT]; /* wedge's interface of each side */
	bool bridged[LAB_SIDE_COUNT];	      /* that is a bridge, and its cables end in ports */
	struct net_cable cable[LAB_SIDE_COUNT * LAB_SIDE_MAX];
	size_t ncables;
};

/* A side with one host has one cable, as it has a bridge where there are more hosts, or where they
 * are to be unplugged: a port that goes down takes neither addresses nor routes along. The plan
 * points into itself. */
void net_plan_make(struct net_plan *plan, const struct lab_spec *spec);

/* Returns the cable of a host. */
const struct net_cable *net_plan_cable(const struct net_plan *plan, int host);

#endif
