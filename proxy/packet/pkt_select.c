/* pkt_select.c - the copy of the selections has every hook, so that nobody tests for NULL. */
#include "proxy/packet/pkt_select.h"

#include "proxy/base/mem.h"

static void ignore_conn(void *arg, struct pkt_conn *c)
{
	(void)arg;
	(void)c;
}

static bool let_syn_pass(void *arg, struct pkt_conn *c)
{
	(void)arg;
	(void)c;
	return false;
}

static bool ignore_unreachable(void *arg, const struct unreachable *u)
{
	(void)arg;
	(void)u;
	return false;
}

void pkt_hooks_complete(struct pkt_hooks *h)
{
	if (!h->open)
		h->open = ignore_conn;
	if (!h->close)
		h->close = ignore_conn;
	if (!h->syn_held)
		h->syn_held = let_syn_pass;
	if (!h->gave_up)
		h->gave_up = ignore_conn;
	if (!h->unreachable)
		h->unreachable = ignore_unreachable;
}

void pkt_selects_set(struct pkt_selects *s, const struct pkt_select *select, size_t n)
{
	free(s->select);
	s->select = xcalloc(n + 1, sizeof(*select));
	for (size_t i = 0; i < n; i++) {
		s->select[i] = select[i];
		pkt_hooks_complete(&s->select[i].hooks);
	}
	s->n = n;
}

void pkt_selects_fini(struct pkt_selects *s)
{
	free(s->select);
	*s = (struct pkt_selects){.select = NULL};
}

static bool matches_address(const struct queue_select *s, const struct addr *a)
{
	struct addr portless = *a;

	if (s->transparent)
		return intercept_match_covers(&s->intercept, a);
	if (addr_port(&s->addr) == 0)
		addr_set_port(&portless, 0);
	else if (addr_port(&s->addr) != addr_port(a))
		return false;
	if (addr_is_any(&s->addr))
		return s->addr.sa.sa_family == AF_INET6 || a->sa.sa_family == AF_INET;
	return addr_equal(&s->addr, &portless);
}

const struct pkt_select *pkt_selects_find(const struct pkt_selects *s, bool forwarded,
					  const struct addr *a)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->select[i].match.forwarded == forwarded &&
		    matches_address(&s->select[i].match, a))
			return &s->select[i];
	return NULL;
}

bool pkt_selects_has_redirected(const struct pkt_selects *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->select[i].match.redirected)
			return true;
	return false;
}

bool pkt_selects_unreachable(const struct pkt_selects *s, const struct unreachable *u)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct pkt_hooks *hooks = &s->select[i].hooks;

		if (hooks->unreachable(hooks->arg, u))
			return true;
	}
	return false;
}
