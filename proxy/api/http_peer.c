/* http_peer.c - the client's socket is the one whose addresses are ours, exchanged. */
#include "proxy/api/http_peer.h"

#include "proxy/base/addr.h"
#include "proxy/base/sock.h"
#include "proxy/base/sockopt.h"
#include "proxy/base/units.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 body;
};

static void put_end(const struct addr *a, __be16 *port, __be32 host[4])
{
	*port = htons(addr_port(a));
	if (a->sa.sa_family == AF_INET)
		host[0] = a->in.sin_addr.s_addr;
	else
		memcpy(host, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
}

static struct question ask_for(const struct addr *from, const struct addr *to)
{
	struct question q = {.head = {.nlmsg_len = sizeof(q),
				      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
				      .nlmsg_flags = NLM_F_REQUEST},
			     .body = {.sdiag_family = (__u8)from->sa.sa_family,
				      .sdiag_protocol = IPPROTO_TCP,
				      .idiag_states = ~0u,
				      .id.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}};

	put_end(from, &q.body.id.idiag_sport, q.body.id.idiag_src);
	put_end(to, &q.body.id.idiag_dport, q.body.id.idiag_dst);
	return q;
}

/* Returns whether the kernel knows that socket; *uid is its owner then. */
static bool find_owner(const struct addr *from, const struct addr *to, uid_t *uid)
{
	struct question q = ask_for(from, to);
	union {
		struct nlmsghdr head;
		char room[4096];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n = -1;

	if (fd == -1)
		return false;
	if (send(fd, &q, sizeof(q), 0) == sizeof(q))
		n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT); /* it answers in send */
	close(fd);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
	    answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return false;
	*uid = ((const struct inet_diag_msg *)NLMSG_DATA(&answer.head))->idiag_uid;
	return true;
}

static bool has_started_us(uid_t uid)
{
	const char *text = getenv("SUDO_UID");
	uint64_t n;

	return text && parse_count(text, &n, NULL) == 0 && n == uid;
}

bool http_peer_is_own(int fd)
{
	struct addr peer, local;
	uid_t uid;

	sock_peer(fd, &peer);
	sock_local(fd, &local);
	addr_unmap(&peer);
	addr_unmap(&local);
	if (!peer.len || !local.len || !find_owner(&peer, &local, &uid))
		return false;
	return uid == geteuid() || uid == 0 || has_started_us(uid);
}
