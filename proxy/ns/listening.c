/* listening.c - sock_diag(7) requests: which socket would get a segment to this address? */
#include "proxy/ns/listening.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#define TCP_STATE_LISTEN 10 /* include/net/tcp_states.h */

struct diag_request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 r;
};

union diag_answer {
	struct nlmsghdr header;
	uint8_t room[8192];
};

int listening_open(struct err *e)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd == -1)
		err_errno(e, "sock_diag socket");
	return fd;
}

static void make_request(struct diag_request *q, const struct addr *a)
{
	struct inet_diag_sockid *id = &q->r.id;

	q->header = (struct nlmsghdr){.nlmsg_len = sizeof(*q),
				      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
				      .nlmsg_flags = NLM_F_REQUEST};
	q->r.sdiag_family = (uint8_t)a->sa.sa_family;
	q->r.sdiag_protocol = IPPROTO_TCP;
	q->r.idiag_states = ~0u;
	id->idiag_sport = htons(addr_port(a));
	id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (a->sa.sa_family == AF_INET)
		memcpy(id->idiag_src, &a->in.sin_addr, sizeof(a->in.sin_addr));
	else
		memcpy(id->idiag_src, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
}

/* Returns the socket, whose state and interface are told, or NULL. */
static const struct inet_diag_msg *ask_kernel(int fd, const struct diag_request *q,
					      union diag_answer *answer)
{
	ssize_t n;

	if (send(fd, q, sizeof(*q), 0) == -1)
		return NULL;
	do {
		n = recv(fd, answer, sizeof(*answer), 0);
	} while (n == -1 && errno == EINTR);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
	    answer->header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return NULL;
	return NLMSG_DATA(&answer->header);
}

bool listening_at(int fd, const struct addr *a)
{
	const struct inet_diag_msg *m;
	struct diag_request q = {0};
	union diag_answer answer;

	make_request(&q, a);
	m = ask_kernel(fd, &q, &answer);
	return m && m->idiag_state == TCP_STATE_LISTEN;
}

static void put_peer(struct diag_request *q, const struct addr *to)
{
	struct inet_diag_sockid *id = &q->r.id;

	id->idiag_dport = htons(addr_port(to));
	if (to->sa.sa_family == AF_INET)
		memcpy(id->idiag_dst, &to->in.sin_addr, sizeof(to->in.sin_addr));
	else
		memcpy(id->idiag_dst, &to->in6.sin6_addr, sizeof(to->in6.sin6_addr));
}

/* The kernel finds a bound socket only if it is asked with its interface. */
unsigned listening_bound_to(int fd, const struct addr *from, const struct addr *to)
{
	struct addr source = *from, target = *to;
	struct if_nameindex *all;
	struct diag_request q = {0};
	union diag_answer answer;
	unsigned found = 0;

	addr_unmap(&source);
	addr_unmap(&target);
	make_request(&q, &source);
	put_peer(&q, &target);
	if (ask_kernel(fd, &q, &answer))
		return 0;
	all = if_nameindex();
	for (size_t i = 0; all && all[i].if_index && !found; i++) {
		q.r.id.idiag_if = all[i].if_index;
		if (ask_kernel(fd, &q, &answer))
			found = all[i].if_index;
	}
	if_freenameindex(all);
	return found;
}
