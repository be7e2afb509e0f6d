/* sock_list.c - asks sock_diag(7), which leaves out what isn't asked for: a busy host has tens of
 * thousands of TIME_WAITs. Where it isn't there, /proc/net/tcp has them all as text. */
#include "proxy/base/sock_list.h"

#include "proxy/base/mem.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the others nobody is at the other end any more, or no process has the socket yet. */
#define STATES                                                                                     \
	(1u << TCP_ESTABLISHED | 1u << TCP_SYN_SENT | 1u << TCP_FIN_WAIT1 | 1u << TCP_FIN_WAIT2 |  \
	 1u << TCP_CLOSE_WAIT | 1u << TCP_LAST_ACK | 1u << TCP_CLOSING)

#define ANSWER_BYTES (32u << 10) /* as much as the kernel puts into one (NLMSG_GOODSIZE) */

static void add_row(struct sock_rows *rows, const struct sock_row *r)
{
	if (!r->inode)
		return;
	if (rows->n == rows->room) {
		rows->room = rows->room ? 2 * rows->room : 64;
		rows->row = xrealloc(rows->row, rows->room, sizeof(*rows->row));
	}
	rows->row[rows->n++] = *r;
}

static void set_addr(struct addr *a, int family, const __be32 words[4], __be16 port)
{
	*a = (struct addr){.len = family == AF_INET ? sizeof(a->in) : sizeof(a->in6)};
	a->sa.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		memcpy(&a->in.sin_addr, words, sizeof(a->in.sin_addr));
	else
		memcpy(&a->in6.sin6_addr, words, sizeof(a->in6.sin6_addr));
	addr_set_port(a, ntohs(port));
	addr_unmap(a);
}

static void add_message(struct sock_rows *rows, const struct inet_diag_msg *m)
{
	struct sock_row r = {.inode = m->idiag_inode};

	if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
		return;
	set_addr(&r.local, m->idiag_family, m->id.idiag_src, m->id.idiag_sport);
	set_addr(&r.remote, m->idiag_family, m->id.idiag_dst, m->id.idiag_dport);
	add_row(rows, &r);
}

/* Reads one part of an answer. 1: more follows, 0: that was all, -1: an error. */
static int read_part(int nl, void *room, struct sock_rows *rows)
{
	ssize_t n = recv(nl, room, ANSWER_BYTES, 0);
	const struct nlmsghdr *h = room;
	unsigned left = n > 0 ? (unsigned)n : 0;

	if (n <= 0)
		return -1;
	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		    h->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			return -1;
		add_message(rows, NLMSG_DATA(h));
	}
	return 1;
}

static bool ask_family(int nl, int family, void *room, struct sock_rows *rows)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 diag;
	} q = {.header = {.nlmsg_len = sizeof(q),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	       .diag = {.sdiag_family = (uint8_t)family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = STATES}};
	int more = send(nl, &q, sizeof(q), 0) == sizeof(q) ? 1 : -1;

	while (more == 1)
		more = read_part(nl, room, rows);
	return more == 0;
}

static bool list_by_diag(struct sock_rows *rows)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	void *room;
	bool all;

	if (nl == -1)
		return false;
	room = xcalloc(1, ANSWER_BYTES);
	all = ask_family(nl, AF_INET, room, rows) && ask_family(nl, AF_INET6, room, rows);
	free(room);
	close(nl);
	return all;
}

/* The kernel prints an address as 32-bit words of the machine's order. */
static bool read_words(const char *hex, __be32 words[4], int *family)
{
	size_t n = strlen(hex) / 8;

	*family = n == 1 ? AF_INET : AF_INET6;
	for (size_t i = 0; i < n && i < 4; i++)
		if (sscanf(hex + 8 * i, "%8x", &words[i]) != 1)
			return false;
	return n == 1 || n == 4;
}

static void add_line(struct sock_rows *rows, const char *line)
{
	char local[33], remote[33];
	__be32 from[4], to[4];
	unsigned lport, rport, state;
	struct sock_row r;
	int family;

	if (sscanf(line, "%*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*s %*s %*s %*d %*d %lu", local,
		   &lport, remote, &rport, &state, &r.inode) != 6 ||
	    state > TCP_CLOSING || !(STATES & 1u << state) || !read_words(remote, to, &family) ||
	    !read_words(local, from, &family))
		return;
	set_addr(&r.local, family, from, htons((uint16_t)lport));
	set_addr(&r.remote, family, to, htons((uint16_t)rport));
	add_row(rows, &r);
}

static void list_by_text(const char *path, struct sock_rows *rows)
{
	FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		add_line(rows, line);
	if (f)
		fclose(f);
}

void sock_list(struct sock_rows *rows)
{
	size_t before = rows->n;

	if (list_by_diag(rows))
		return;
	rows->n = before;
	list_by_text("/proc/self/net/tcp", rows);
	list_by_text("/proc/self/net/tcp6", rows);
}
