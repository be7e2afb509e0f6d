/* net.c - builds the lab's network as its plan has it. */
#include "scenarios/lab/net.h"

#include "proxy/base/mem.h"
#include "proxy/ns/rtnl.h"
#include "scenarios/lab/ethtool.h"
#include "scenarios/lab/lab_address.h"
#include "scenarios/lab/lab_reasons.h"
#include "scenarios/lab/sysctl.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_INDEX 1
#define PREFIX4	       24
#define PREFIX6	       64

/* A host while it is being built: sockets that belong to its namespace. */
struct site {
	struct rtnl rtnl;
	int ioctl_fd;
	json_t *sysctls;
};

/* What is being built. */
struct build {
	const struct lab_spec *spec;
	struct net *net;
	struct site *sites; /* by host, the switch's last */
	json_t *veth, *lo;  /* offloads */
};

static int site_open(struct build *b, int host, struct err *e)
{
	struct site *s = &b->sites[host];

	s->sysctls = json_object();
	if (unshare(CLONE_NEWNET))
		return err_errno(e, "making a network namespace");
	b->net->ns[host] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	s->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (b->net->ns[host] < 0 || s->ioctl_fd < 0)
		return err_errno(e, "entering a network namespace");
	/* A switch has no addresses, and so no use for settings of its own. */
	if (sysctl_pin(b->spec, host < lab_host_count(b->spec) ? host : LAB_WEDGE, s->sysctls, e))
		return -1;
	if (rtnl_open(&s->rtnl, e) || rtnl_up(&s->rtnl, LOOPBACK_INDEX, e))
		return -1;
	return ethtool_offloads_off(s->ioctl_fd, "lo", b->lo, e);
}

static int bring_up(struct build *b, int host, const struct rtnl_end *end, struct err *e)
{
	struct site *s = &b->sites[host];

	if (ethtool_offloads_off(s->ioctl_fd, end->name, b->veth, e))
		return -1;
	return rtnl_up(&s->rtnl, end->index, e);
}

/* Makes a cable from a side's bridge, or from wedge's own interface, to an end elsewhere. */
static int lay_cable(struct build *b, const struct net_side *side, const struct rtnl_end *here,
		     int there_site, const struct rtnl_end *there, struct err *e)
{
	struct rtnl *r = &b->sites[side->site].rtnl;

	if (rtnl_veth(r, here, there, b->net->ns[there_site], NET_MTU, e))
		return -1;
	if (side->bridged && rtnl_bridge_port(r, here->index, side->bridge.index, e))
		return -1;
	if (bring_up(b, side->site, here, e) || bring_up(b, there_site, there, e))
		return -1;
	return ethtool_settle(b->sites[there_site].ioctl_fd, there->name, e) ||
	       ethtool_settle(b->sites[side->site].ioctl_fd, here->name, e);
}

/* Both ends of a host's cable send at its speed. */
static int limit_cable(struct build *b, const struct net_cable *c, struct err *e)
{
	const struct lab_spec *spec = b->spec;
	int further = c->host - LAB_HOST_COUNT;
	uint64_t speed =
	    further < 0 ? spec->link_speed[c->host] : spec->hosts[further].link_speed;
	int far = b->net->plan.side[c->side].site;

	if (!speed)
		return 0;
	if (rtnl_port_speed(&b->sites[c->host].rtnl, c->at_host.index, speed, e) ||
	    rtnl_port_speed(&b->sites[far].rtnl, c->far.index, speed, e))
		return err_wrap(e, "limiting a host's link_speed (sch_tbf)");
	return 0;
}

static int make_bridge(struct build *b, const struct net_side *side, struct err *e)
{
	if (rtnl_bridge(&b->sites[side->site].rtnl, &side->bridge, NET_MTU, e) ||
	    bring_up(b, side->site, &side->bridge, e))
		return -1;
	return side->site == LAB_WEDGE
		   ? 0
		   : lay_cable(b, side, &side->uplink, LAB_WEDGE, &side->wedge, e);
}

static int make_cables(struct build *b, struct err *e)
{
	const struct net_plan *plan = &b->net->plan;

	for (enum lab_side side = 0; side < LAB_SIDE_COUNT; side++)
		if (plan->side[side].bridged && make_bridge(b, &plan->side[side], e))
			return -1;
	for (size_t i = 0; i < plan->ncables; i++) {
		const struct net_cable *c = &plan->cable[i];

		if (lay_cable(b, &plan->side[c->side], &c->far, c->host, &c->at_host, e) ||
		    limit_cable(b, c, e))
			return -1;
	}
	for (enum lab_side side = 0; side < LAB_SIDE_COUNT; side++)
		if (ethtool_settle(b->sites[LAB_WEDGE].ioctl_fd, plan->side[side].wedge.name, e))
			return -1;
	return 0;
}

static struct rtnl_metrics route_metrics(const struct lab_spec *spec)
{
	return (struct rtnl_metrics){spec->quickack, spec->rto_min_ms};
}

/* Each end gets its address and its neighbour's; the host's default route goes to wedge. */
static int configure_cable(struct build *b, const struct net_cable *c, bool v6, struct err *e)
{
	const struct rtnl_end *side = &b->net->plan.side[c->side].wedge;
	struct rtnl *host = &b->sites[c->host].rtnl;
	const struct rtnl_metrics m = route_metrics(b->spec);
	char ip[LAB_IP_TEXT], gateway[LAB_IP_TEXT];
	uint8_t prefix = v6 ? PREFIX6 : PREFIX4;

	lab_host_ip(b->spec, c->host, v6, ip);
	lab_gateway_ip(c->side, v6, gateway);
	if (rtnl_address(host, c->at_host.index, ip, prefix, e) ||
	    rtnl_neighbour(host, c->at_host.index, gateway, side->mac, e) ||
	    rtnl_route(host, c->at_host.index, ip, prefix, NULL, &m, e) ||
	    rtnl_route(host, c->at_host.index, gateway, 0, gateway, &m, e))
		return -1;
	return rtnl_neighbour(&b->sites[LAB_WEDGE].rtnl, side->index, ip, c->at_host.mac, e);
}

/* Gives wedge the address that stands for a server, and every client its neighbour. The first one's
 * is wedge's own, which is there already. */
static int configure_front(struct build *b, int server, bool v6, struct err *e)
{
	const struct net_plan *plan = &b->net->plan;
	const struct rtnl_end *side = &plan->side[LAB_CLIENT_SIDE].wedge;
	char ip[LAB_IP_TEXT];

	lab_front_ip(b->spec, server, v6, ip);
	if (rtnl_address(&b->sites[LAB_WEDGE].rtnl, side->index, ip, v6 ? PREFIX6 : PREFIX4, e))
		return -1;
	for (size_t i = 0; i < plan->ncables; i++) {
		const struct net_cable *c = &plan->cable[i];

		if (c->side == LAB_CLIENT_SIDE &&
		    rtnl_neighbour(&b->sites[c->host].rtnl, c->at_host.index, ip, side->mac, e))
			return -1;
	}
	return 0;
}

static int configure_wedge(struct build *b, enum lab_side side, bool v6, struct err *e)
{
	struct rtnl *wedge = &b->sites[LAB_WEDGE].rtnl;
	int index = b->net->plan.side[side].wedge.index;
	const struct rtnl_metrics m = route_metrics(b->spec);
	uint8_t prefix = v6 ? PREFIX6 : PREFIX4;
	char ip[LAB_IP_TEXT];

	lab_gateway_ip(side, v6, ip);
	return rtnl_address(wedge, index, ip, prefix, e) ||
	       rtnl_route(wedge, index, ip, prefix, NULL, &m, e);
}

static int configure_family(struct build *b, bool v6, struct err *e)
{
	const struct net_plan *plan = &b->net->plan;

	for (enum lab_side side = 0; side < LAB_SIDE_COUNT; side++)
		if (configure_wedge(b, side, v6, e))
			return -1;
	for (size_t i = 0; i < plan->ncables; i++) {
		const struct net_cable *c = &plan->cable[i];

		if (configure_cable(b, c, v6, e))
			return -1;
		if (c->host >= LAB_HOST_COUNT && c->side == LAB_SERVER_SIDE &&
		    configure_front(b, c->host, v6, e))
			return -1;
	}
	return 0;
}

static void record_hosts(const struct lab_spec *spec, bool ipv6, json_t *env)
{
	json_t *hosts;

	if (!spec->nhosts)
		return;
	hosts = json_object();
	for (int h = 0; h < lab_host_count(spec); h++) {
		char ip[LAB_IP_TEXT], ip6[LAB_IP_TEXT];

		if (h == LAB_WEDGE)
			continue;
		json_object_set_new(hosts, lab_host_name(spec, h),
				    json_pack("[s, s*]", lab_host_ip(spec, h, false, ip),
					      ipv6 ? lab_host_ip(spec, h, true, ip6) : NULL));
	}
	json_object_set_new(env, "hosts", hosts);
}

static void record_sysctls(const struct build *b, json_t *env)
{
	size_t n = (size_t)lab_host_count(b->spec);
	json_t **records = xcalloc(n, sizeof(*records));
	const char **names = xcalloc(n, sizeof(*names));

	for (size_t h = 0; h < n; h++) {
		records[h] = b->sites[h].sysctls;
		names[h] = lab_host_name(b->spec, (int)h);
	}
	json_object_set_new(env, "sysctls", sysctl_merge(records, names, n));
	free(names);
	free(records);
}

static void record_environment(const struct build *b, bool ipv6, json_t *env)
{
	record_sysctls(b, env);
	record_hosts(b->spec, ipv6, env);
	json_object_set_new(env, "offloads", json_pack("{s:o, s:o}", "veth", b->veth, "lo", b->lo));
	json_object_set_new(env, "gso_max_segs", json_integer(1));
	json_object_set_new(env, "pinned", lab_reasons(b->spec));
	json_object_set_new(env, "mtu", json_integer(NET_MTU));
	json_object_set_new(env, "ipv6", json_boolean(ipv6));
}

int net_build(const struct lab_spec *spec, struct net *net, json_t *env, struct err *e)
{
	int nsites = lab_host_count(spec) + spec->has_switch;
	struct build b = {.spec = spec,
			  .net = net,
			  .sites = xcalloc((size_t)nsites, sizeof(struct site)),
			  .veth = json_object(),
			  .lo = json_object()};
	bool ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;

	net_plan_make(&net->plan, spec);
	net->ns = xcalloc((size_t)nsites, sizeof(*net->ns));
	net->rtnl = xcalloc((size_t)nsites, sizeof(*net->rtnl));
	for (int h = 0; h < nsites; h++)
		if (site_open(&b, h, e))
			return -1;
	if (make_cables(&b, e) || configure_family(&b, false, e) ||
	    (ipv6 && configure_family(&b, true, e)))
		return -1;
	record_environment(&b, ipv6, env);
	for (int h = 0; h < nsites; h++) {
		net->rtnl[h] = b.sites[h].rtnl;
		close(b.sites[h].ioctl_fd);
		json_decref(b.sites[h].sysctls);
	}
	free(b.sites);
	return 0;
}

int net_link(struct net *net, int host, bool up, struct err *e)
{
	const struct net_cable *c = net_plan_cable(&net->plan, host);
	const struct net_side *side = &net->plan.side[c->side];
	struct rtnl *r = &net->rtnl[side->site];

	BUG_ON(!side->bridged);
	return up ? rtnl_up(r, c->far.index, e) : rtnl_down(r, c->far.index, e);
}
