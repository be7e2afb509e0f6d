/* net.c - builds the lab's network from a table of its four ports. */
#include "scenarios/lab/net.h"

#include "proxy/ns/rtnl.h"
#include "scenarios/lab/ethtool.h"
#include "scenarios/lab/sysctl.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK_INDEX 1
#define PREFIX4	       24
#define PREFIX6	       64

/* Ports 0-1 and 2-3 are the two ends of a cable. MAC addresses from the documentation range of RFC
 * 7042, 2.1.2. */
static const struct port {
	enum lab_host host;
	struct rtnl_end end;
	const char *ip, *ip6;
	bool default_route; /* through the port at the other end */
} ports[] = {
    {LAB_CLIENT,
     {LAB_CLIENT_IF, 11, {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01}},
     LAB_CLIENT_IP,
     LAB_CLIENT_IP6,
     true},
    {LAB_WEDGE,
     {LAB_WEDGE_CLIENT_IF, 12, {0x00, 0x00, 0x5e, 0x00, 0x53, 0x02}},
     LAB_WEDGE_CLIENT_IP,
     LAB_WEDGE_CLIENT_IP6,
     false},
    {LAB_WEDGE,
     {LAB_WEDGE_SERVER_IF, 13, {0x00, 0x00, 0x5e, 0x00, 0x53, 0x03}},
     LAB_WEDGE_SERVER_IP,
     LAB_WEDGE_SERVER_IP6,
     false},
    {LAB_SERVER,
     {LAB_SERVER_IF, 14, {0x00, 0x00, 0x5e, 0x00, 0x53, 0x04}},
     LAB_SERVER_IP,
     LAB_SERVER_IP6,
     true},
};

/* A host while it is being built: sockets that belong to its namespace. */
struct site {
	struct rtnl rtnl;
	int ioctl_fd;
	json_t *sysctls;
};

static int site_open(struct site *s, const struct lab_spec *spec, enum lab_host host, int *ns,
		     struct err *e)
{
	s->sysctls = json_object();
	if (unshare(CLONE_NEWNET))
		return err_errno(e, "making a network namespace");
	*ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	s->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*ns < 0 || s->ioctl_fd < 0)
		return err_errno(e, "entering a network namespace");
	if (sysctl_pin(spec, spec->forward && host == LAB_WEDGE, s->sysctls, e))
		return -1;
	if (rtnl_open(&s->rtnl, e))
		return -1;
	return rtnl_up(&s->rtnl, LOOPBACK_INDEX, e);
}

static void site_close(struct site *s)
{
	rtnl_close(&s->rtnl);
	close(s->ioctl_fd);
	json_decref(s->sysctls);
}

/* Sets addresses, routes and the neighbour of one family. */
static int port_address(struct rtnl *r, const struct port *p, const char *ip,
			const struct port *peer, const char *peer_ip, uint8_t prefix, struct err *e)
{
	if (rtnl_address(r, p->end.index, ip, prefix, e) ||
	    rtnl_neighbour(r, p->end.index, peer_ip, peer->end.mac, e) ||
	    rtnl_route(r, p->end.index, ip, prefix, NULL, e))
		return -1;
	if (p->default_route)
		return rtnl_route(r, p->end.index, peer_ip, 0, peer_ip, e);
	return 0;
}

static int ports_make(struct site *sites, const int *ns, json_t *offloads, struct err *e)
{
	struct rtnl *wedge = &sites[LAB_WEDGE].rtnl;

	if (rtnl_veth(wedge, &ports[1].end, &ports[0].end, ns[LAB_CLIENT], NET_MTU, e) ||
	    rtnl_veth(wedge, &ports[2].end, &ports[3].end, ns[LAB_SERVER], NET_MTU, e))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		const struct port *p = &ports[i];
		struct site *s = &sites[p->host];

		if (ethtool_offloads_off(s->ioctl_fd, p->end.name, offloads, e) ||
		    rtnl_up(&s->rtnl, p->end.index, e))
			return -1;
	}
	return 0;
}

static int ports_configure(struct site *sites, bool ipv6, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		const struct port *p = &ports[i], *peer = &ports[i ^ 1];
		struct site *s = &sites[p->host];

		if (ethtool_settle(s->ioctl_fd, p->end.name, e))
			return -1;
		if (port_address(&s->rtnl, p, p->ip, peer, peer->ip, PREFIX4, e))
			return -1;
		if (ipv6 && port_address(&s->rtnl, p, p->ip6, peer, peer->ip6, PREFIX6, e))
			return -1;
	}
	return 0;
}

int net_build(const struct lab_spec *spec, int ns[LAB_HOST_COUNT], json_t *env, struct err *e)
{
	struct site sites[LAB_HOST_COUNT] = {0};
	json_t *records[LAB_HOST_COUNT], *veth = json_object(), *lo = json_object();
	bool ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;

	for (enum lab_host h = 0; h < LAB_HOST_COUNT; h++) {
		if (site_open(&sites[h], spec, h, &ns[h], e))
			return -1;
		if (ethtool_offloads_off(sites[h].ioctl_fd, "lo", lo, e))
			return -1;
		records[h] = sites[h].sysctls;
	}
	if (ports_make(sites, ns, veth, e) || ports_configure(sites, ipv6, e))
		return -1;
	json_object_set_new(env, "sysctls", sysctl_merge(records));
	json_object_set_new(env, "offloads", json_pack("{s:o, s:o}", "veth", veth, "lo", lo));
	json_object_set_new(env, "gso_max_segs", json_integer(1));
	json_object_set_new(env, "routes",
			    json_pack("{s:i, s:i}", "quickack", 1, "rto_min_ms", RTNL_RTO_MIN_MS));
	json_object_set_new(env, "mtu", json_integer(NET_MTU));
	json_object_set_new(env, "ipv6", json_boolean(ipv6));
	for (enum lab_host h = 0; h < LAB_HOST_COUNT; h++)
		site_close(&sites[h]);
	return 0;
}
