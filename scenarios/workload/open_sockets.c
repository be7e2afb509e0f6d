/* open_sockets.c - a socket that a program has closed is in none of the states below, or gone. */
#include "scenarios/workload/open_sockets.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { /* net/tcp_states.h */
       STATE_ESTABLISHED = 1,
       STATE_SYN_SENT = 2,
       STATE_FIN_WAIT1 = 4,
       STATE_FIN_WAIT2 = 5,
       STATE_TIME_WAIT = 6,
       STATE_CLOSE_WAIT = 8,
       STATE_LAST_ACK = 9,
       STATE_CLOSING = 11
};

#define OPEN_STATES (1u << STATE_ESTABLISHED | 1u << STATE_SYN_SENT | 1u << STATE_CLOSE_WAIT)
/* What a program had connected and has closed. */
#define OVER_STATES                                                                                \
	(1u << STATE_FIN_WAIT1 | 1u << STATE_FIN_WAIT2 | 1u << STATE_TIME_WAIT |                   \
	 1u << STATE_LAST_ACK | 1u << STATE_CLOSING)

union answer {
	struct nlmsghdr header;
	char room[32768];
};

static bool send_question(int nl, int family)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 diag;
	} q = {.header = {.nlmsg_len = sizeof(q),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	       .diag = {.sdiag_family = (uint8_t)family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1u << (INET_DIAG_INFO - 1),
			.idiag_states = OPEN_STATES | OVER_STATES}};

	return send(nl, &q, sizeof(q), 0) == (ssize_t)sizeof(q);
}

/* Returns whether the socket has sent data, acknowledged or not. */
static bool has_sent(const struct nlmsghdr *h, const struct inet_diag_msg *m)
{
	const struct rtattr *a = (const struct rtattr *)(m + 1);
	unsigned left = h->nlmsg_len - (unsigned)NLMSG_LENGTH(sizeof(*m));
	uint64_t sent = 0;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		size_t at = offsetof(struct tcp_info, tcpi_bytes_sent);

		if (a->rta_type == INET_DIAG_INFO && RTA_PAYLOAD(a) >= at + sizeof(sent))
			memcpy(&sent, (const char *)RTA_DATA(a) + at, sizeof(sent));
	}
	return sent > 0;
}

static void take_socket(struct open_sockets *s, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = NLMSG_DATA(h);
	uint16_t port = ntohs(m->id.idiag_sport);
	size_t i = 0;

	if (ntohs(m->id.idiag_dport) != s->peer_port)
		return;
	s->asked |= has_sent(h, m) || 1u << m->idiag_state & OVER_STATES;
	if (!(1u << m->idiag_state & OPEN_STATES))
		return;
	while (i < s->n && (s->v[i].port != port || s->v[i].closed_at))
		i++;
	if (i == s->n) {
		s->v = xrealloc(s->v, s->n + 1, sizeof(*s->v));
		s->v[s->n++] = (struct open_socket){.port = port};
	}
	s->v[i].state = m->idiag_state;
	s->v[i].seen = true;
}

/* Takes one datagram of the list. False: it was the last one, or an error. */
static bool take_answer(struct open_sockets *s, const union answer *a, size_t n)
{
	for (const struct nlmsghdr *h = &a->header; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type == NLMSG_ERROR)
			s->blind = true;
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return false;
		take_socket(s, h);
	}
	return true;
}

static void look_at_family(struct open_sockets *s, int family)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	union answer a;
	ssize_t n;

	if (nl == -1 || !send_question(nl, family)) {
		s->blind = true;
	} else {
		do {
			n = recv(nl, &a, sizeof(a), 0);
		} while (n > 0 && take_answer(s, &a, (size_t)n));
	}
	if (nl != -1)
		close(nl);
}

void open_sockets_look(struct open_sockets *s, int64_t now)
{
	for (size_t i = 0; i < s->n; i++)
		s->v[i].seen = false;
	look_at_family(s, AF_INET);
	look_at_family(s, AF_INET6);
	for (size_t i = 0; i < s->n && !s->blind; i++)
		if (!s->v[i].seen && !s->v[i].closed_at)
			s->v[i].closed_at = now;
}

json_t *open_sockets_json(const struct open_sockets *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++) {
		const struct open_socket *o = &s->v[i];

		json_array_append_new(
		    list,
		    json_pack("{s:i,s:b,s:o}", "port", o->port, "open",
			      !o->closed_at && o->state != STATE_SYN_SENT, "closed_at",
			      o->closed_at ? json_real(clock_seconds(o->closed_at)) : json_null()));
	}
	return list;
}

void open_sockets_fini(struct open_sockets *s)
{
	free(s->v);
}
