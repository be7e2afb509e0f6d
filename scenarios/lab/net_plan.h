/* net_plan.h - the interfaces and cables of a lab's network, as data: pure, made of a lab_spec. */
#ifndef WEDGE_SCENARIOS_LAB_NET_PLAN_H
#define WEDGE_SCENARIOS_LAB_NET_PLAN_H

#include "proxy/ns/rtnl.h"
#include "scenarios/lab/lab_spec.h"

#include <net/if.h>

/* A cable from a host to wedge's namespace, or to the switch's. */
struct net_cable {
	int host;
	enum lab_side side;
	/* far: wedge's interface of the side, or the port of a bridge. */
	struct rtnl_end at_host, far;
	char port_name[IFNAMSIZ]; /* what far.name may point to */
};

/* What the hosts of a side are cabled to. */
struct net_side {
	struct rtnl_end wedge;	/* wedge's interface */
	int site;		/* of the cables' far ends: LAB_WEDGE, or lab_switch_site() */
	bool bridged;		/* they are ports of a bridge */
	struct rtnl_end bridge; /* wedge's interface itself, or the switch's bridge */
	struct rtnl_end uplink; /* of a switch: its port with the cable to wedge's interface */
};

struct net_plan {
	struct net_side side[LAB_SIDE_COUNT];
	struct net_cable cable[LAB_SIDE_COUNT * LAB_SIDE_MAX];
	size_t ncables;
};

/* A side with one host has one cable, as it has a bridge where there are more hosts, or where they
 * are to be unplugged: a port that goes down takes neither addresses nor routes along; a switch is
 * a bridge, too. The plan points into itself. */
void net_plan_make(struct net_plan *plan, const struct lab_spec *spec);

/* Returns the cable of a host. */
const struct net_cable *net_plan_cable(const struct net_plan *plan, int host);

#endif
