/* mirror.c - rtnetlink dumps of the one namespace, turned into requests in the other. */
#include "proxy/ns/mirror.h"

#include "proxy/base/mem.h"
#include "proxy/ns/mirror_cards.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

enum { ENTRIES_MAX = 4096, ATTR_MAX = 64 };

#define LOOPBACK_INDEX 1 /* in every network namespace */

/* An address with its prefix, or a destination with the source to use. */
struct entry {
	uint16_t type; /* RTM_NEWADDR or RTM_NEWROUTE */
	uint8_t family, prefix, route_type;
	bool has_ip, has_source;
	uint8_t ip[16], source[16];
	int index; /* of the interface; 0: none */
	uint32_t priority;
};

struct entries {
	struct entry v[ENTRIES_MAX];
	size_t n;
	bool has_ip6; /* on any interface, loopback too */
};

static size_t ip_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static bool read_ip(const struct nlattr *attr, uint8_t family, uint8_t ip[16])
{
	if (!attr || mnl_attr_get_payload_len(attr) != ip_size(family))
		return false;
	memcpy(ip, mnl_attr_get_payload(attr), ip_size(family));
	return true;
}

static int attr_cb(const struct nlattr *attr, void *arg)
{
	const struct nlattr **table = arg;

	if (mnl_attr_get_type(attr) < ATTR_MAX)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static bool read_address(const struct nlmsghdr *h, struct entry *p)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr[ATTR_MAX] = {NULL};

	mnl_attr_parse(h, sizeof(*m), attr_cb, attr);
	p->family = m->ifa_family;
	p->prefix = m->ifa_prefixlen;
	p->has_ip =
	    read_ip(attr[IFA_LOCAL] ? attr[IFA_LOCAL] : attr[IFA_ADDRESS], p->family, p->ip);
	p->index = (int)m->ifa_index;
	return p->has_ip && m->ifa_scope <= RT_SCOPE_LINK;
}

/* The first of several ways counts. */
static int route_index(const struct nlattr *const *attr)
{
	const struct rtnexthop *hop;

	if (attr[RTA_OIF])
		return (int)mnl_attr_get_u32(attr[RTA_OIF]);
	if (!attr[RTA_MULTIPATH] || mnl_attr_get_payload_len(attr[RTA_MULTIPATH]) < sizeof(*hop))
		return 0;
	hop = mnl_attr_get_payload(attr[RTA_MULTIPATH]);
	return hop->rtnh_ifindex;
}

static bool read_route(const struct nlmsghdr *h, struct entry *p)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr[ATTR_MAX] = {NULL};

	mnl_attr_parse(h, sizeof(*m), attr_cb, attr);
	p->family = m->rtm_family;
	p->prefix = m->rtm_dst_len;
	p->route_type = m->rtm_type;
	p->has_ip = read_ip(attr[RTA_DST], p->family, p->ip);
	p->has_source = read_ip(attr[RTA_PREFSRC], p->family, p->source);
	p->index = route_index(attr);
	p->priority = attr[RTA_PRIORITY] ? mnl_attr_get_u32(attr[RTA_PRIORITY]) : 0;
	return m->rtm_table == RT_TABLE_MAIN && !(m->rtm_flags & RTM_F_CLONED) &&
	       (m->rtm_type == RTN_UNICAST || m->rtm_type == RTN_UNREACHABLE ||
		m->rtm_type == RTN_PROHIBIT || m->rtm_type == RTN_BLACKHOLE);
}

static int entry_cb(const struct nlmsghdr *h, void *arg)
{
	struct entries *ps = arg;
	struct entry p = {.type = h->nlmsg_type};
	const struct rtgenmsg *any = mnl_nlmsg_get_payload(h);

	ps->has_ip6 |= p.type == RTM_NEWADDR && any->rtgen_family == AF_INET6;
	if (ps->n == ENTRIES_MAX ||
	    (any->rtgen_family != AF_INET && any->rtgen_family != AF_INET6) ||
	    !(p.type == RTM_NEWADDR ? read_address(h, &p) : read_route(h, &p)))
		return MNL_CB_OK;
	ps->v[ps->n++] = p;
	return MNL_CB_OK;
}

static uint8_t address_scope(const struct entry *p)
{
	bool link_local = p->family == AF_INET6 && p->ip[0] == 0xfe && (p->ip[1] & 0xc0) == 0x80;

	return link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

static void put_address(struct nlmsghdr *h, const struct entry *p)
{
	struct ifaddrmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	uint32_t flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE;

	m->ifa_family = p->family;
	m->ifa_prefixlen = p->prefix;
	m->ifa_scope = address_scope(p);
	m->ifa_index = (uint32_t)p->index;
	if (p->family == AF_INET6)
		flags |= IFA_F_NODAD;
	mnl_attr_put(h, IFA_LOCAL, ip_size(p->family), p->ip);
	mnl_attr_put(h, IFA_ADDRESS, ip_size(p->family), p->ip);
	mnl_attr_put_u32(h, IFA_FLAGS, flags);
}

static void put_route(struct nlmsghdr *h, const struct entry *p)
{
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	m->rtm_family = p->family;
	m->rtm_dst_len = p->prefix;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = RTPROT_STATIC;
	m->rtm_scope = p->route_type == RTN_UNICAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	m->rtm_type = p->route_type;
	if (p->has_ip)
		mnl_attr_put(h, RTA_DST, ip_size(p->family), p->ip);
	if (p->priority)
		mnl_attr_put_u32(h, RTA_PRIORITY, p->priority);
	if (p->route_type != RTN_UNICAST)
		return;
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)p->index);
	if (p->has_source)
		mnl_attr_put(h, RTA_PREFSRC, ip_size(p->family), p->source);
}

static int send_entry(struct rtnl *to, const struct entry *p)
{
	char room[512] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);

	h->nlmsg_type = p->type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	if (p->type == RTM_NEWADDR)
		put_address(h, p);
	else
		put_route(h, p);
	return rtnl_send(to, h, NULL);
}

/* A destination that several interfaces share (fe80::/64) is told apart by its priority. What the
 * kernel refuses is left out. */
static void make_entry(struct rtnl *to, const struct entry *p)
{
	struct entry behind = *p;

	behind.priority += (uint32_t)p->index;
	if (send_entry(to, p) == -1 && errno == EEXIST && p->type == RTM_NEWROUTE)
		(void)!send_entry(to, &behind);
}

/* The kernel has given ::1 to the loopback interface. Where the host has no IPv6 the address goes,
 * so that a program tries the next address of "localhost". */
static void remove_loopback_ip6(struct rtnl *to)
{
	char room[512] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	const struct entry loopback = {.family = AF_INET6,
				       .prefix = 128,
				       .ip = {[15] = 1},
				       .has_ip = true,
				       .index = LOOPBACK_INDEX};

	h->nlmsg_type = RTM_DELADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	put_address(h, &loopback);
	(void)!rtnl_send(to, h, NULL);
}

/* Each route that has an interface gets one that exists here. */
static int make_cards(struct entries *ps, const struct cards *host, struct rtnl *to, int to_ns,
		      uint32_t mtu, struct err *e)
{
	struct cards made = {.n = 0};

	for (size_t i = 0; i < ps->n; i++) {
		struct entry *p = &ps->v[i];

		if (p->index == 0 || p->index == LOOPBACK_INDEX || cards_find(&made, p->index))
			continue;
		if (!cards_find(host, p->index) || made.n == CARDS_MAX) {
			p->index = made.n ? made.v[0].index : 0;
			continue;
		}
		made.v[made.n++] = *cards_find(host, p->index);
		if (cards_make(&made.v[made.n - 1], to, to_ns, mtu, e) == -1)
			return -1;
	}
	return 0;
}

int mirror_network(struct rtnl *from, struct rtnl *to, int to_ns, uint32_t mtu, struct err *e)
{
	struct entries *ps = xcalloc(1, sizeof(*ps));
	struct cards *host = xcalloc(1, sizeof(*host));
	int rc = cards_read(host, from, e);

	if (rc == 0)
		rc = rtnl_dump(from, RTM_GETADDR, entry_cb, ps, e);
	if (rc == 0)
		rc = rtnl_dump(from, RTM_GETROUTE, entry_cb, ps, e);
	if (rc == -1)
		err_wrap(e, "reading this host's interfaces, addresses and routes");
	else
		rc = make_cards(ps, host, to, to_ns, mtu, e);
	for (size_t i = 0; rc == 0 && i < ps->n; i++)
		make_entry(to, &ps->v[i]);
	if (rc == 0 && !ps->has_ip6)
		remove_loopback_ip6(to);
	free(host);
	free(ps);
	return rc;
}
