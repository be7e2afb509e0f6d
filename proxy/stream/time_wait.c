/* time_wait.c - ends a connection's TIME_WAIT, by sock_diag. */
#include "proxy/stream/time_wait.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

union answer {
	struct nlmsghdr header;
	char room[8192];
};

static void put_address(__be32 out[4], __be16 *port, const struct addr *a)
{
	*port = htons(addr_port(a));
	if (a->sa.sa_family == AF_INET6)
		memcpy(out, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	else
		memcpy(out, &a->in.sin_addr, sizeof(a->in.sin_addr));
}

/* One question, one answer. */
static bool ask(int nl, struct request *q, uint16_t type, uint16_t flags, union answer *a)
{
	ssize_t n;

	q->header = (struct nlmsghdr){.nlmsg_len = sizeof(*q),
				      .nlmsg_type = type,
				      .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
				      .nlmsg_seq = 1};
	if (send(nl, q, sizeof(*q), 0) != (ssize_t)sizeof(*q))
		return false;
	n = recv(nl, a, sizeof(*a), 0);
	return n >= (ssize_t)sizeof(a->header) && NLMSG_OK(&a->header, (size_t)n);
}

/* The kernel looks for any connection, also for a listener. */
static bool is_time_wait(const union answer *a)
{
	const struct inet_diag_msg *m = NLMSG_DATA(&a->header);

	return a->header.nlmsg_type == SOCK_DIAG_BY_FAMILY &&
	       a->header.nlmsg_len >= NLMSG_LENGTH(sizeof(*m)) && m->idiag_state == TCP_TIME_WAIT;
}

static bool was_done(const union answer *a)
{
	const struct nlmsgerr *m = NLMSG_DATA(&a->header);

	return a->header.nlmsg_type == NLMSG_ERROR && m->error == 0;
}

bool time_wait_end(const struct addr *local, const struct addr *peer)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct request q = {.diag = {.sdiag_family = (uint8_t)local->sa.sa_family,
				     .sdiag_protocol = IPPROTO_TCP,
				     .idiag_states = 1u << TCP_TIME_WAIT}};
	bool done = false;
	union answer a;

	if (nl == -1)
		return false;
	put_address(q.diag.id.idiag_src, &q.diag.id.idiag_sport, local);
	put_address(q.diag.id.idiag_dst, &q.diag.id.idiag_dport, peer);
	q.diag.id.idiag_cookie[0] = q.diag.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (ask(nl, &q, SOCK_DIAG_BY_FAMILY, 0, &a) && is_time_wait(&a))
		done = ask(nl, &q, SOCK_DESTROY, NLM_F_ACK, &a) && was_done(&a);
	close(nl);
	return done;
}
