/* net_plan.c - numbers interfaces and MAC addresses by the hosts' numbers, so that none has to be
 * looked up. */
#include "scenarios/lab/net_plan.h"

#include "scenarios/lab/lab_address.h"

#include <string.h>

/* MAC addresses from the documentation range of RFC 7042, 2.1.2; the last byte, by who has it. */
#define MAC(last)                                                                                  \
	{                                                                                          \
		0x00, 0x00, 0x5e, 0x00, 0x53, (uint8_t)(last)                                      \
	}
#define MAC_HOST 0x10 /* of the hosts beside the three */
#define MAC_PORT 0x80 /* of a bridge's ports */

#define INDEX_HOST 20 /* of the interface of a host beside the three */
#define INDEX_PORT 100

static const struct rtnl_end switch_bridge = {"lan", 15, MAC(0x05)};
static const struct rtnl_end switch_uplink = {LAB_SWITCH_IF, 16, MAC(0x06)};

static const struct rtnl_end sides[LAB_SIDE_COUNT] = {
    [LAB_CLIENT_SIDE] = {LAB_WEDGE_CLIENT_IF, 12, MAC(0x02)},
    [LAB_SERVER_SIDE] = {LAB_WEDGE_SERVER_IF, 13, MAC(0x03)},
};

static struct rtnl_end host_end(int host)
{
	if (host == LAB_CLIENT)
		return (struct rtnl_end){LAB_HOST_IF, 11, MAC(0x01)};
	if (host == LAB_SERVER)
		return (struct rtnl_end){LAB_HOST_IF, 14, MAC(0x04)};
	return (struct rtnl_end){LAB_HOST_IF, INDEX_HOST + host, MAC(MAC_HOST + host)};
}

static void add_cable(struct net_plan *plan, const struct lab_spec *spec, int host)
{
	struct net_cable *c = &plan->cable[plan->ncables++];

	c->host = host;
	c->side = lab_host_side(spec, host);
	c->at_host = host_end(host);
	c->far = plan->side[c->side].wedge;
	if (!plan->side[c->side].bridged)
		return;
	snprintf(c->port_name, sizeof(c->port_name), "port%d", host);
	c->far = (struct rtnl_end){c->port_name, INDEX_PORT + host, MAC(MAC_PORT + host)};
}

void net_plan_make(struct net_plan *plan, const struct lab_spec *spec)
{
	memset(plan, 0, sizeof(*plan));
	for (enum lab_side side = 0; side < LAB_SIDE_COUNT; side++)
		plan->side[side] = (struct net_side){.wedge = sides[side],
						     .site = LAB_WEDGE,
						     .bridged = spec->pluggable,
						     .bridge = sides[side]};
	for (int host = LAB_HOST_COUNT; host < lab_host_count(spec); host++)
		plan->side[lab_host_side(spec, host)].bridged = true;
	if (spec->has_switch)
		plan->side[spec->switch_side] = (struct net_side){.wedge = sides[spec->switch_side],
								  .site = lab_switch_site(spec),
								  .bridged = true,
								  .bridge = switch_bridge,
								  .uplink = switch_uplink};
	for (int host = 0; host < lab_host_count(spec); host++)
		if (host != LAB_WEDGE)
			add_cable(plan, spec, host);
}

const struct net_cable *net_plan_cable(const struct net_plan *plan, int host)
{
	for (size_t i = 0; i < plan->ncables; i++)
		if (plan->cable[i].host == host)
			return &plan->cable[i];
	BUG("a host without a cable");
}
