/* mirror_cards.c - each is one end of a veth pair, both ends of which are in one namespace. */
#include "proxy/ns/mirror_cards.h"

#include "proxy/base/mem.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* The other ends get indexes that no host has reached. */
#define PEER_INDEX 0x40000000

enum { ATTR_MAX = 64 };

static int attr_cb(const struct nlattr *attr, void *arg)
{
	const struct nlattr **table = arg;

	if (mnl_attr_get_type(attr) < ATTR_MAX)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int card_cb(const struct nlmsghdr *h, void *arg)
{
	static const uint8_t own[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01}; /* RFC 7042, 2.1.2 */
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr[ATTR_MAX] = {NULL};
	struct cards *c = arg;
	struct card *card = &c->v[c->n];

	mnl_attr_parse(h, sizeof(*m), attr_cb, attr);
	if (c->n == CARDS_MAX || m->ifi_flags & IFF_LOOPBACK || !(m->ifi_flags & IFF_UP) ||
	    !attr[IFLA_IFNAME])
		return MNL_CB_OK;
	card->index = m->ifi_index;
	snprintf(card->name, sizeof(card->name), "%s", mnl_attr_get_str(attr[IFLA_IFNAME]));
	memcpy(card->mac, own, sizeof(own));
	if (attr[IFLA_ADDRESS] && mnl_attr_get_payload_len(attr[IFLA_ADDRESS]) == sizeof(card->mac))
		memcpy(card->mac, mnl_attr_get_payload(attr[IFLA_ADDRESS]), sizeof(card->mac));
	c->n++;
	return MNL_CB_OK;
}

int cards_read(struct cards *c, struct rtnl *host, struct err *e)
{
	return rtnl_dump(host, RTM_GETLINK, card_cb, c, e);
}

const struct card *cards_find(const struct cards *c, int index)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].index == index)
			return &c->v[i];
	return NULL;
}

/* Has the interface make up no IPv6 address of its own: it has the host's, or none. */
static void keep_addresses_away(struct rtnl *to, int index)
{
	char room[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	struct nlattr *spec, *inet6;
	struct ifinfomsg *link;

	h->nlmsg_type = RTM_NEWLINK;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(h, sizeof(*link));
	link->ifi_index = index;
	spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(h, AF_INET6);
	mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(h, inet6);
	mnl_attr_nest_end(h, spec);
	(void)!rtnl_send(to, h, NULL);
}

/* What is redirected goes to a loopback address; a connection that is bound to the interface would
 * find no way there. Behind loopback's own route, so that no other goes this way. */
static void add_way_to_loopback(struct rtnl *to, int family, int index)
{
	static const uint8_t ip4[4] = {127, 0, 0, 1}, ip6[16] = {[15] = 1};
	char room[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);
	bool is_ip4 = family == AF_INET;
	struct rtmsg *m;

	h->nlmsg_type = RTM_NEWROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = (uint8_t)family;
	m->rtm_dst_len = is_ip4 ? 32 : 128;
	m->rtm_table = RT_TABLE_LOCAL;
	m->rtm_protocol = RTPROT_STATIC;
	m->rtm_scope = RT_SCOPE_HOST;
	m->rtm_type = RTN_LOCAL;
	mnl_attr_put(h, RTA_DST, is_ip4 ? sizeof(ip4) : sizeof(ip6), is_ip4 ? ip4 : ip6);
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)index);
	mnl_attr_put_u32(h, RTA_PRIORITY, (uint32_t)index);
	(void)!rtnl_send(to, h, NULL);
}

int cards_make(const struct card *card, struct rtnl *to, int to_ns, uint32_t mtu, struct err *e)
{
	char name[IF_NAMESIZE];
	const struct rtnl_end peer = {
	    name, PEER_INDEX + card->index, {0x00, 0x00, 0x5e, 0x00, 0x53, 0x02}};
	struct rtnl_end end = {card->name, card->index, {0}};

	snprintf(name, sizeof(name), "wedge%d", card->index);
	memcpy(end.mac, card->mac, sizeof(end.mac));
	if (rtnl_veth(to, &end, &peer, to_ns, mtu, e) == -1)
		return -1;
	keep_addresses_away(to, card->index);
	keep_addresses_away(to, peer.index);
	if (rtnl_up(to, peer.index, e) == -1 || rtnl_up(to, card->index, e) == -1)
		return -1;
	add_way_to_loopback(to, AF_INET, card->index);
	add_way_to_loopback(to, AF_INET6, card->index);
	return 0;
}
