/* ack_routes.c - each route is read, and set again with two attributes more. */
#include "proxy/ns/ack_routes.h"

#include "proxy/base/mem.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/queue.h>

enum { METRICS_ROOM = 64 };

struct route {
	struct nlmsghdr *message; /* as the kernel told it */
	STAILQ_ENTRY(route) entry;
};

STAILQ_HEAD(routes, route);

static int keep_route(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct routes *list = arg;
	struct route *route;

	if (h->nlmsg_type != RTM_NEWROUTE || m->rtm_flags & RTM_F_CLONED ||
	    (m->rtm_type != RTN_UNICAST && m->rtm_type != RTN_LOCAL))
		return MNL_CB_OK;
	route = xcalloc(1, sizeof(*route));
	route->message = xcalloc(1, h->nlmsg_len);
	memcpy(route->message, h, h->nlmsg_len);
	STAILQ_INSERT_TAIL(list, route, entry);
	return MNL_CB_OK;
}

/* rto_min counts only when its lock bit is set (tcp_rto_min() in net/ipv4/tcp_output.c). */
static void put_metrics(struct nlmsghdr *h, uint32_t rto_min_ms)
{
	struct nlattr *metrics = mnl_attr_nest_start(h, RTA_METRICS);

	mnl_attr_put_u32(h, RTAX_LOCK, 1u << RTAX_RTO_MIN);
	mnl_attr_put_u32(h, RTAX_RTO_MIN, rto_min_ms);
	mnl_attr_put_u32(h, RTAX_QUICKACK, 1);
	mnl_attr_nest_end(h, metrics);
}

static int copy_attr(const struct nlattr *attr, void *arg)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type != RTA_METRICS && type != RTA_CACHEINFO)
		mnl_attr_put(arg, type, mnl_attr_get_payload_len(attr), mnl_attr_get_payload(attr));
	return MNL_CB_OK;
}

/* A route that the kernel refuses to change stays as it is. */
static void replace_route(struct rtnl *r, const struct nlmsghdr *old, uint32_t rto_min_ms)
{
	char *room = xcalloc(1, old->nlmsg_len + METRICS_ROOM);
	struct nlmsghdr *h = mnl_nlmsg_put_header(room);

	h->nlmsg_type = RTM_NEWROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	memcpy(mnl_nlmsg_put_extra_header(h, sizeof(struct rtmsg)), mnl_nlmsg_get_payload(old),
	       sizeof(struct rtmsg));
	mnl_attr_parse(old, sizeof(struct rtmsg), copy_attr, h);
	put_metrics(h, rto_min_ms);
	(void)!rtnl_send(r, h, NULL);
	free(room);
}

int ack_routes_set(struct rtnl *r, uint32_t rto_min_ms, struct err *e)
{
	struct routes list = STAILQ_HEAD_INITIALIZER(list);
	int rc = rtnl_dump(r, RTM_GETROUTE, keep_route, &list, e);
	struct route *route;

	while ((route = STAILQ_FIRST(&list))) {
		STAILQ_REMOVE_HEAD(&list, entry);
		if (rc == 0)
			replace_route(r, route->message, rto_min_ms);
		free(route->message);
		free(route);
	}
	return rc == -1 ? err_wrap(e, "setting the routes' attributes") : 0;
}
