/* policy_route.c - by rtnetlink; an error of the kernel comes back as errno. */
#include "proxy/netfilter/policy_route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

/* Before the main table (32766), and before the rules that VPN programs add (5210, 32764). */
#define PRIORITY_FIRST 500

struct request {
	union {
		struct nlmsghdr header;
		uint8_t room[256];
	};
};

uint32_t policy_route_priority(const struct policy_route *p)
{
	return PRIORITY_FIRST + (uint32_t)(p->table - POLICY_ROUTE_FIRST);
}

static int send_request(struct mnl_socket *nl, struct nlmsghdr *h, uint16_t flags)
{
	uint8_t answer[4096];
	ssize_t n;

	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	h->nlmsg_seq = 1;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	return mnl_cb_run(answer, (size_t)n, 1, mnl_socket_get_portid(nl), NULL, NULL) < 0 ? -1 : 0;
}

static int change_rule(struct mnl_socket *nl, const struct policy_route *p, uint8_t family,
		       uint16_t type, uint16_t flags)
{
	struct request q;
	struct nlmsghdr *h = mnl_nlmsg_put_header(&q);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(h, sizeof(*rule));

	h->nlmsg_type = type;
	rule->family = family;
	rule->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(h, FRA_PRIORITY, policy_route_priority(p));
	mnl_attr_put_u32(h, FRA_FWMARK, p->mark);
	mnl_attr_put_u32(h, FRA_FWMASK, p->mask);
	mnl_attr_put_u32(h, FRA_TABLE, (uint32_t)p->table);
	return send_request(nl, h, flags);
}

static int change_route(struct mnl_socket *nl, const struct policy_route *p, uint8_t family,
			uint16_t type, uint16_t flags)
{
	struct request q;
	struct nlmsghdr *h = mnl_nlmsg_put_header(&q);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(h, sizeof(*route));

	h->nlmsg_type = type;
	route->rtm_family = family;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = RT_SCOPE_HOST;
	route->rtm_type = RTN_LOCAL;
	mnl_attr_put_u32(h, RTA_TABLE, (uint32_t)p->table);
	mnl_attr_put_u32(h, RTA_OIF, if_nametoindex("lo"));
	return send_request(nl, h, flags);
}

static const uint8_t *list_families(void)
{
	static const uint8_t both[] = {AF_INET, AF_INET6, 0};
	static const uint8_t ipv4[] = {AF_INET, 0};

	return access("/proc/net/if_inet6", F_OK) == 0 ? both : ipv4;
}

static struct mnl_socket *open_netlink(void)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(nl);
		return NULL;
	}
	return nl;
}

/* The same rule may be there several times, after a wedge that was killed with its guard. */
static void remove_rules(struct mnl_socket *nl, const struct policy_route *p)
{
	for (const uint8_t *f = list_families(); *f; f++) {
		for (int i = 0; i < 8 && change_rule(nl, p, *f, RTM_DELRULE, 0) == 0; i++)
			continue;
		(void)change_route(nl, p, *f, RTM_DELROUTE, 0);
	}
}

void policy_route_remove(const struct policy_route *p)
{
	struct mnl_socket *nl = open_netlink();

	if (!nl)
		return;
	remove_rules(nl, p);
	mnl_socket_close(nl);
}

int policy_route_add(const struct policy_route *p, struct err *e)
{
	struct mnl_socket *nl = open_netlink();
	int rc = nl ? 0 : -1;

	if (nl)
		remove_rules(nl, p);
	for (const uint8_t *f = list_families(); rc == 0 && *f; f++) {
		rc = change_route(nl, p, *f, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
		if (rc == 0)
			rc = change_rule(nl, p, *f, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
	}
	if (rc == -1)
		err_errno(e, "can't set the route for intercepted packets");
	if (nl)
		mnl_socket_close(nl);
	return rc;
}
