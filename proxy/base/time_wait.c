/* time_wait.c - the messages of sock_diag: find the socket, look at its state, destroy it. */
#include "proxy/base/time_wait.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define TIME_WAIT (1u << TCP_TIME_WAIT)
/* Without a process, the kernel keeps no more of FIN_WAIT_2 than of TIME_WAIT. */
#define ORPHANED  (TIME_WAIT | 1u << TCP_FIN_WAIT2)

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

/* A request with a filter: sockets of one mark. */
struct marked {
	struct request request;
	struct nlattr attr;
	struct inet_diag_bc_op op;
	struct inet_diag_markcond mark;
};

union answer {
	struct nlmsghdr header;
	char room[8192];
};

static int open_diag(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

static struct request make_request(int family, uint32_t states)
{
	return (struct request){.diag = {.sdiag_family = (uint8_t)family,
					 .sdiag_protocol = IPPROTO_TCP,
					 .idiag_states = states}};
}

static bool send_request(int nl, void *request, size_t len, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = request;

	*h = (struct nlmsghdr){.nlmsg_len = (uint32_t)len,
			       .nlmsg_type = type,
			       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
			       .nlmsg_seq = 1};
	return send(nl, h, len, 0) == (ssize_t)len;
}

static ssize_t receive_answer(int nl, union answer *a)
{
	ssize_t n;

	do {
		n = recv(nl, a, sizeof(*a), 0);
	} while (n == -1 && errno == EINTR);
	return n >= (ssize_t)sizeof(a->header) && NLMSG_OK(&a->header, (size_t)n) ? n : -1;
}

/* Sends one request and waits for its one answer. */
static bool ask_kernel(int nl, struct request *q, uint16_t type, uint16_t flags, union answer *a)
{
	return send_request(nl, q, sizeof(*q), type, flags) && receive_answer(nl, a) != -1;
}

static bool destroy_socket(int nl, struct request *q)
{
	union answer a;
	const struct nlmsgerr *m = NLMSG_DATA(&a.header);

	return ask_kernel(nl, q, SOCK_DESTROY, NLM_F_ACK, &a) &&
	       a.header.nlmsg_type == NLMSG_ERROR && m->error == 0;
}

static const struct inet_diag_msg *find_socket(const struct nlmsghdr *h)
{
	bool is_one = h->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		      h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg));

	return is_one ? NLMSG_DATA(h) : NULL;
}

/* The kernel looks for any connection, also for a listener. */
static bool is_time_wait(const union answer *a)
{
	const struct inet_diag_msg *m = find_socket(&a->header);

	return m && m->idiag_state == TCP_TIME_WAIT;
}

static void put_address(__be32 out[4], __be16 *port, const struct addr *a)
{
	*port = htons(addr_port(a));
	if (a->sa.sa_family == AF_INET6)
		memcpy(out, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	else
		memcpy(out, &a->in.sin_addr, sizeof(a->in.sin_addr));
}

bool time_wait_end(const struct addr *local, const struct addr *peer)
{
	struct request q = make_request(local->sa.sa_family, TIME_WAIT);
	int nl = open_diag();
	bool done = false;
	union answer a;

	if (nl == -1)
		return false;
	put_address(q.diag.id.idiag_src, &q.diag.id.idiag_sport, local);
	put_address(q.diag.id.idiag_dst, &q.diag.id.idiag_dport, peer);
	q.diag.id.idiag_cookie[0] = q.diag.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (ask_kernel(nl, &q, SOCK_DIAG_BY_FAMILY, 0, &a) && is_time_wait(&a))
		done = destroy_socket(nl, &q);
	close(nl);
	return done;
}

/* A socket that still belongs to a process has an inode, and is left alone. */
static bool end_socket(int nl, const struct inet_diag_msg *m)
{
	struct request q = make_request(m->idiag_family, ORPHANED);

	q.diag.id = m->id;
	return m->idiag_inode == 0 && destroy_socket(nl, &q);
}

static bool request_marked(int nl, int family, uint32_t mark, uint32_t mask)
{
	const size_t match = sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_markcond);
	struct marked q = {
	    .request = make_request(family, ORPHANED),
	    .attr = {.nla_len = (uint16_t)(sizeof(q.attr) + match),
		     .nla_type = INET_DIAG_REQ_BYTECODE},
	    .op = {.code = INET_DIAG_BC_MARK_COND, /* to the program's end, or beyond it: no */
		   .yes = (unsigned char)match,
		   .no = (unsigned short)(match + 4)},
	    .mark = {.mark = mark, .mask = mask},
	};

	return send_request(nl, &q, sizeof(q), SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
}

/* Reads the list from one socket and ends its members by the other. */
static unsigned end_listed(int list, int nl)
{
	unsigned ended = 0;
	union answer a;
	ssize_t n;

	while ((n = receive_answer(list, &a)) != -1) {
		size_t left = (size_t)n;

		for (struct nlmsghdr *h = &a.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const struct inet_diag_msg *m = find_socket(h);

			if (!m) /* NLMSG_DONE, or an error */
				return ended;
			ended += end_socket(nl, m);
		}
	}
	return ended;
}

/* A list whose members are ended meanwhile may leave others out, so it is read again until none is
 * ended any more. */
static unsigned end_family(int family, uint32_t mark, uint32_t mask)
{
	unsigned sum = 0, ended;

	do {
		int list = open_diag(), nl = open_diag();

		ended = list != -1 && nl != -1 && request_marked(list, family, mark, mask)
			    ? end_listed(list, nl)
			    : 0;
		sum += ended;
		if (list != -1)
			close(list);
		if (nl != -1)
			close(nl);
	} while (ended);
	return sum;
}

unsigned time_wait_end_marked(uint32_t mark, uint32_t mask)
{
	return end_family(AF_INET, mark, mask) + end_family(AF_INET6, mark, mask);
}
