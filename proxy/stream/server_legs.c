/* server_legs.c - a port may be another program's too, towards another address, or by now: so both
 * ends are compared, and the socket is asked. */
#include "proxy/stream/server_legs.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/session_state.h"

#include <string.h>

static unsigned bucket_of(const struct addr *local)
{
	return addr_port(local) % SERVER_LEG_BUCKETS;
}

void server_legs_note(struct server_legs *legs, struct session *s, int fd, const struct addr *to)
{
	struct server_leg *leg = xcalloc(1, sizeof(*leg));

	leg->session = s;
	leg->to = *to;
	addr_unmap(&leg->to);
	sock_local(fd, &leg->local);
	LIST_INSERT_HEAD(&legs->bucket[bucket_of(&leg->local)], leg, bucket);
	LIST_INSERT_HEAD(&s->legs, leg, of_session);
}

void server_legs_forget(struct session *s)
{
	struct server_leg *leg;

	while ((leg = LIST_FIRST(&s->legs))) {
		LIST_REMOVE(leg, bucket);
		LIST_REMOVE(leg, of_session);
		free(leg);
	}
}

static bool has_local(int fd, const struct addr *local)
{
	struct addr now;

	if (fd == -1)
		return false;
	sock_local(fd, &now);
	return addr_equal(&now, local);
}

static bool is_alive(const struct server_leg *leg)
{
	const struct session *s = leg->session;

	if (has_local(s->ep[LEG_SERVER].fd, &leg->local) || has_local(s->server_fd, &leg->local))
		return true;
	for (size_t i = 0; i < s->dial.n; i++)
		if (has_local(s->dial.attempt[i].fd, &leg->local))
			return true;
	return false;
}

/* A connection to no address goes to this host. */
static bool goes_to(const struct server_leg *leg, const struct addr *local,
		    const struct addr *original)
{
	if (addr_is_any(&leg->to))
		return addr_port(&leg->to) == addr_port(local);
	return addr_equal(&leg->to, local) || addr_equal(&leg->to, original);
}

bool server_legs_may_be(const struct server_legs *legs, const struct addr *peer)
{
	const struct server_leg *leg;

	LIST_FOREACH (leg, &legs->bucket[bucket_of(peer)], bucket)
		if (addr_port(&leg->local) == addr_port(peer))
			return true;
	return false;
}

struct session *server_legs_find(const struct server_legs *legs, const struct addr *peer,
				 const struct addr *local, const struct addr *original)
{
	const struct server_leg *leg;
	struct addr from = *peer;

	addr_unmap(&from);
	LIST_FOREACH (leg, &legs->bucket[bucket_of(&from)], bucket)
		if (addr_equal(&leg->local, &from) && goes_to(leg, local, original) &&
		    is_alive(leg))
			return leg->session;
	return NULL;
}

bool session_has_passed(const struct session *parent, const char *proxy)
{
	if (strcmp(parent->config.proxy, proxy) == 0)
		return true;
	for (size_t i = 0; i < parent->npassed; i++)
		if (strcmp(parent->passed[i], proxy) == 0)
			return true;
	return false;
}

void session_set_parent(struct session *s, const struct session *parent)
{
	s->passed = xcalloc(parent->npassed + 1, sizeof(*s->passed));
	while (s->npassed < parent->npassed) {
		s->passed[s->npassed] = xstrdup(parent->passed[s->npassed]);
		s->npassed++;
	}
	s->passed[s->npassed++] = xstrdup(parent->config.proxy);
}
