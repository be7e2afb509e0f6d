/* session_sockets.c - reads and sets options of sockets that others own. */
#include "proxy/stream/session_sockets.h"

#include "proxy/base/mark.h"
#include "proxy/base/sockopt.h"

static void mark_socket(int fd, uint32_t mark)
{
	if (fd != -1)
		sock_set_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
}

static void mark_sockets(struct session *s)
{
	uint32_t mark = mark_server_leg(s->number);

	mark_socket(s->ep[LEG_CLIENT].fd, MARK_CLIENT_LEG);
	mark_socket(s->ep[LEG_SERVER].fd, mark);
	if (!s->dial)
		return;
	for (size_t i = 0; i < s->dial->n; i++)
		mark_socket(s->dial->attempt[i].fd, mark);
	s->dial->way.mark = mark;
}

void session_table_mark(struct session_table *t, bool all)
{
	struct session *s;

	TAILQ_FOREACH (s, &t->open, entry) {
		if (all)
			mark_sockets(s);
		else if (s->dial && !s->dial->way.mark)
			s->dial->way.mark = mark_server_leg(s->number);
	}
}

bool session_client_addrs(const struct session *s, struct addr *peer, struct addr *local)
{
	int fd = s->ep[LEG_CLIENT].fd;

	if (fd == -1)
		return false;
	sock_peer(fd, peer);
	sock_local(fd, local);
	return true;
}

bool session_is_dialling(const struct session *s, const struct addr *src, const struct addr *dst)
{
	const struct dial *d = s->dial;
	struct addr local;

	for (size_t i = 0; d && i < d->n && d->way.source.len; i++) {
		const struct attempt *a = &d->attempt[i];

		if (a->fd == -1 || !addr_equal(&a->to, dst))
			continue;
		sock_local(a->fd, &local);
		if (addr_equal(&local, src))
			return true;
	}
	return false;
}

void session_unreachable(struct session *s, const struct addr *dst, int error)
{
	if (s->dial)
		dial_fail(s->dial, dst, error);
}
