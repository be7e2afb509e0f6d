/* rtnl.c - builds rtnetlink requests with libmnl, sends each and waits for its acknowledgement. */
#include "proxy/ns/rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>

#define REQUEST_ROOM 1024
#define DUMP_ROOM    32768

struct request {
	union {
		struct nlmsghdr header;
		uint8_t room[REQUEST_ROOM];
	};
};

struct ip {
	uint8_t family, len;
	uint8_t bytes[16];
};

int rtnl_open(struct rtnl *r, struct err *e)
{
	r->sequence = 0;
	r->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!r->socket)
		return err_errno(e, "rtnetlink socket");
	if (mnl_socket_bind(r->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_errno(e, "rtnetlink socket");
		rtnl_close(r);
		return -1;
	}
	return 0;
}

void rtnl_close(struct rtnl *r)
{
	if (r->socket)
		mnl_socket_close(r->socket);
	r->socket = NULL;
}

/* Addresses are the project's own constants, so a wrong one is a bug. */
static struct ip ip_parse(const char *text)
{
	struct ip ip = {.family = AF_INET, .len = 4};

	if (strchr(text, ':')) {
		ip.family = AF_INET6;
		ip.len = 16;
	}
	BUG_ON(inet_pton(ip.family, text, ip.bytes) != 1);
	return ip;
}

/* The network that the address is in: bits past the prefix cleared. */
static struct ip ip_network(struct ip ip, uint8_t prefix)
{
	for (uint8_t i = 0; i < ip.len; i++) {
		int bits = prefix - i * 8;

		if (bits <= 0)
			ip.bytes[i] = 0;
		else if (bits < 8)
			ip.bytes[i] &= (uint8_t)(0xff << (8 - bits));
	}
	return ip;
}

static void *request_init(struct request *q, uint16_t type, uint16_t flags, size_t extra)
{
	mnl_nlmsg_put_header(q);
	q->header.nlmsg_type = type;
	q->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return mnl_nlmsg_put_extra_header(&q->header, extra);
}

int rtnl_send(struct rtnl *r, struct nlmsghdr *request, struct err *e)
{
	uint8_t answer[8192];
	ssize_t n;

	request->nlmsg_seq = ++r->sequence;
	if (mnl_socket_sendto(r->socket, request, request->nlmsg_len) < 0)
		return err_errno(e, "rtnetlink");
	do {
		n = mnl_socket_recvfrom(r->socket, answer, sizeof(answer));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, "rtnetlink");
	if (mnl_cb_run(answer, (size_t)n, r->sequence, mnl_socket_get_portid(r->socket), NULL,
		       NULL) < 0)
		return err_errno(e, "rtnetlink");
	return 0;
}

int rtnl_dump(struct rtnl *r, uint16_t type, int (*cb)(const struct nlmsghdr *, void *), void *arg,
	      struct err *e)
{
	char room[DUMP_ROOM] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	unsigned port = mnl_socket_get_portid(r->socket);
	ssize_t n;
	int more = 1;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = ++r->sequence;
	mnl_nlmsg_put_extra_header(h, sizeof(struct rtmsg)); /* the largest of a dump's headers */
	if (mnl_socket_sendto(r->socket, h, h->nlmsg_len) < 0)
		return err_errno(e, "rtnetlink");
	while (more > 0) {
		n = mnl_socket_recvfrom(r->socket, room, sizeof(room));
		if (n < 0 && errno == EINTR)
			continue;
		more = n < 0 ? -1 : mnl_cb_run(room, (size_t)n, r->sequence, port, cb, arg);
	}
	return more < 0 ? err_errno(e, "rtnetlink") : 0;
}

static int request_send(struct rtnl *r, struct request *q, struct err *e)
{
	return rtnl_send(r, &q->header, e);
}

static void put_end(struct nlmsghdr *h, const struct rtnl_end *end, uint32_t mtu)
{
	mnl_attr_put_strz(h, IFLA_IFNAME, end->name);
	mnl_attr_put(h, IFLA_ADDRESS, sizeof(end->mac), end->mac);
	mnl_attr_put_u32(h, IFLA_MTU, mtu);
	mnl_attr_put_u32(h, IFLA_GSO_MAX_SEGS, 1);
}

int rtnl_veth(struct rtnl *r, const struct rtnl_end *here, const struct rtnl_end *there,
	      int there_ns, uint32_t mtu, struct err *e)
{
	struct request q;
	struct ifinfomsg *link =
	    request_init(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*link));
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *peer_link;

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = here->index;
	put_end(&q.header, here, mtu);
	info = mnl_attr_nest_start(&q.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&q.header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(&q.header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(&q.header, VETH_INFO_PEER);
	peer_link = mnl_nlmsg_put_extra_header(&q.header, sizeof(*peer_link));
	peer_link->ifi_index = there->index;
	put_end(&q.header, there, mtu);
	mnl_attr_put_u32(&q.header, IFLA_NET_NS_FD, (uint32_t)there_ns);
	mnl_attr_nest_end(&q.header, peer);
	mnl_attr_nest_end(&q.header, data);
	mnl_attr_nest_end(&q.header, info);
	if (request_send(r, &q, e))
		return err_wrap(e, "making the veth pair %s", here->name);
	return 0;
}

int rtnl_bridge(struct rtnl *r, const struct rtnl_end *bridge, uint32_t mtu, struct err *e)
{
	struct request q;
	struct ifinfomsg *link =
	    request_init(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(*link));
	struct nlattr *info, *data;

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = bridge->index;
	put_end(&q.header, bridge, mtu);
	info = mnl_attr_nest_start(&q.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&q.header, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(&q.header, IFLA_INFO_DATA);
	mnl_attr_put_u32(&q.header, IFLA_BR_STP_STATE, 0);
	mnl_attr_put_u8(&q.header, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(&q.header, data);
	mnl_attr_nest_end(&q.header, info);
	if (request_send(r, &q, e))
		return err_wrap(e, "making the bridge %s", bridge->name);
	return 0;
}

int rtnl_bridge_port(struct rtnl *r, int index, int bridge, struct err *e)
{
	struct request q;
	struct ifinfomsg *link = request_init(&q, RTM_NEWLINK, 0, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	mnl_attr_put_u32(&q.header, IFLA_MASTER, (uint32_t)bridge);
	if (request_send(r, &q, e))
		return err_wrap(e, "making interface %d a port of bridge %d", index, bridge);
	return 0;
}

static int set_flags(struct rtnl *r, int index, unsigned flags, struct err *e)
{
	struct request q;
	struct ifinfomsg *link = request_init(&q, RTM_NEWLINK, 0, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	link->ifi_flags = flags;
	link->ifi_change = IFF_UP;
	if (request_send(r, &q, e))
		return err_wrap(e, "bringing %s interface %d", flags ? "up" : "down", index);
	return 0;
}

int rtnl_up(struct rtnl *r, int index, struct err *e)
{
	return set_flags(r, index, IFF_UP, e);
}

int rtnl_down(struct rtnl *r, int index, struct err *e)
{
	return set_flags(r, index, 0, e);
}

int rtnl_port_speed(struct rtnl *r, int index, uint64_t speed, struct err *e)
{
	/* IEEE 802.3: 8 bytes of preamble, 4 of check sum, 12 of gap; sch_tbf counts from the MAC
	 * addresses on. */
	enum { FRAME = 1514, UNSEEN = 24, QUEUE = 1000, BURST = 4 };
	/* A timer that is late by so much takes nothing from the rate. */
	enum { LATE_PER_S = 2000 };
	struct tc_tbf_qopt options = {
	    .rate = {.linklayer = TC_LINKLAYER_ETHERNET, .overhead = UNSEEN},
	    .limit = QUEUE * FRAME,
	};
	uint32_t burst = (uint32_t)(speed / 8 / LATE_PER_S);
	struct request q = {0};
	struct tcmsg *tc = request_init(&q, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
					sizeof(struct tcmsg));
	struct nlattr *nest;

	options.rate.rate = (uint32_t)(speed / 8);
	if (burst < BURST * (FRAME + UNSEEN))
		burst = BURST * (FRAME + UNSEEN);
	tc->tcm_ifindex = index;
	tc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(&q.header, TCA_KIND, "tbf");
	nest = mnl_attr_nest_start(&q.header, TCA_OPTIONS);
	mnl_attr_put(&q.header, TCA_TBF_PARMS, sizeof(options), &options);
	mnl_attr_put_u32(&q.header, TCA_TBF_BURST, burst);
	mnl_attr_nest_end(&q.header, nest);
	return request_send(r, &q, e);
}

int rtnl_address(struct rtnl *r, int index, const char *text, uint8_t prefix, struct err *e)
{
	struct ip ip = ip_parse(text);
	struct request q;
	struct ifaddrmsg *a = request_init(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*a));
	uint32_t flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE;

	a->ifa_family = ip.family;
	a->ifa_prefixlen = prefix;
	a->ifa_scope = RT_SCOPE_UNIVERSE;
	a->ifa_index = (uint32_t)index;
	if (ip.family == AF_INET6)
		flags |= IFA_F_NODAD;
	mnl_attr_put(&q.header, IFA_LOCAL, ip.len, ip.bytes);
	mnl_attr_put(&q.header, IFA_ADDRESS, ip.len, ip.bytes);
	mnl_attr_put_u32(&q.header, IFA_FLAGS, flags);
	if (request_send(r, &q, e))
		return err_wrap(e, "adding address %s", text);
	return 0;
}

int rtnl_route(struct rtnl *r, int index, const char *text, uint8_t prefix, const char *via,
	       const struct rtnl_metrics *m, struct err *e)
{
	struct ip ip = ip_network(ip_parse(text), prefix);
	struct request q;
	struct rtmsg *route =
	    request_init(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*route));
	struct nlattr *metrics;

	route->rtm_family = ip.family;
	route->rtm_dst_len = prefix;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	route->rtm_type = RTN_UNICAST;
	if (prefix)
		mnl_attr_put(&q.header, RTA_DST, ip.len, ip.bytes);
	mnl_attr_put_u32(&q.header, RTA_OIF, (uint32_t)index);
	if (via) {
		struct ip gateway = ip_parse(via);

		mnl_attr_put(&q.header, RTA_GATEWAY, gateway.len, gateway.bytes);
	}
	/* rto_min counts only when its lock bit is set (tcp_rto_min() in net/ipv4/tcp_output.c). */
	metrics = mnl_attr_nest_start(&q.header, RTA_METRICS);
	if (m->rto_min_ms) {
		mnl_attr_put_u32(&q.header, RTAX_LOCK, 1u << RTAX_RTO_MIN);
		mnl_attr_put_u32(&q.header, RTAX_RTO_MIN, m->rto_min_ms);
	}
	if (m->quickack)
		mnl_attr_put_u32(&q.header, RTAX_QUICKACK, 1);
	mnl_attr_nest_end(&q.header, metrics);
	if (request_send(r, &q, e))
		return err_wrap(e, "adding a route to %s/%u", text, prefix);
	return 0;
}

int rtnl_neighbour(struct rtnl *r, int index, const char *text, const uint8_t mac[6], struct err *e)
{
	struct ip ip = ip_parse(text);
	struct request q;
	struct ndmsg *n = request_init(&q, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*n));

	n->ndm_family = ip.family;
	n->ndm_ifindex = index;
	n->ndm_state = NUD_PERMANENT;
	mnl_attr_put(&q.header, NDA_DST, ip.len, ip.bytes);
	mnl_attr_put(&q.header, NDA_LLADDR, 6, mac);
	if (request_send(r, &q, e))
		return err_wrap(e, "adding neighbour %s", text);
	return 0;
}
