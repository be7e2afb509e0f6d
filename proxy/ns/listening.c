/* listening.c - one sock_diag(7) request: which socket would get a SYN to this address? */
#include "proxy/ns/listening.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
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

bool listening_at(int fd, const struct addr *a)
{
	const struct inet_diag_msg *m;
	struct diag_request q = {0};
	union diag_answer answer;
	ssize_t n;

	make_request(&q, a);
	if (send(fd, &q, sizeof(q), 0) == -1)
		return false;
	do {
		n = recv(fd, &answer, sizeof(answer), 0);
	} while (n == -1 && errno == EINTR);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(*m)) ||
	    answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return false;
	m = NLMSG_DATA(&answer.header);
	return m->idiag_state == TCP_STATE_LISTEN;
}
