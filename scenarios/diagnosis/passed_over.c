/* passed_over.c - a few clients, the last of their SYNs that was answered. */
#include "scenarios/diagnosis/passed_over.h"

/* Returns the client's place; where it has none the oldest, which may be free. */
static struct accepted_syn *find_client(struct accepted_syns *a, const struct addr *client)
{
	struct accepted_syn *oldest = a->of;

	for (int i = 0; i < ACCEPTED_CLIENTS; i++) {
		struct accepted_syn *x = &a->of[i];

		if (x->sent_at && addr_equal_host(&x->client, client))
			return x;
		if (x->sent_at < oldest->sent_at)
			oldest = x;
	}
	return oldest;
}

static void take_accepted(struct accepted_syns *a, const struct wire_connection *w)
{
	struct accepted_syn *x = find_client(a, &w->client);

	if (!x->sent_at || !addr_equal_host(&x->client, &w->client) || x->sent_at < w->syn)
		*x = (struct accepted_syn){w->client, w->syn};
}

void accepted_syns_take_segment(struct accepted_syns *a, bool *passed_over,
				const struct connection *c, const struct segment *s)
{
	const struct wire_connection *w = &c->wire;
	const struct accepted_syn *x;

	if (!(s->v->flags & TCP_SYN) || s->copy || s->out_of_place || !w->syn)
		return;
	if (s->dir == DIR_DOWNSTREAM) {
		take_accepted(a, w);
		return;
	}
	x = find_client(a, &w->client);
	if (!w->syn_ack && x->sent_at > w->syn && addr_equal_host(&x->client, &w->client))
		*passed_over = true;
}

bool is_passed_over(bool passed_over, const struct connection *c)
{
	return passed_over && !c->wire.packets[DIR_DOWNSTREAM];
}
