/* orig_dst.c - where clients of this host wanted to go. */
#include "proxy/packet/orig_dst.h"

void wanted_note(struct wanted *w, const struct addr *client, uint32_t isn, const struct addr *to)
{
	struct wanted_note *n = &w->note[w->next];

	w->next = (w->next + 1) % WANTED_MAX;
	if (n->client.len)
		LIST_REMOVE(n, entry);
	n->client = *client;
	n->to = *to;
	n->isn = isn;
	LIST_INSERT_HEAD(&w->by_isn[isn % WANTED_MAX], n, entry);
}

static bool is_same_host(const struct addr *a, const struct addr *b)
{
	struct addr there = *b;

	addr_set_port(&there, addr_port(a));
	return addr_equal(a, &there);
}

const struct addr *wanted_find(const struct wanted *w, const struct addr *client, uint32_t isn)
{
	const struct wanted_note *n;

	LIST_FOREACH (n, &w->by_isn[isn % WANTED_MAX], entry)
		if (n->isn == isn && is_same_host(&n->client, client))
			return &n->to;
	return NULL;
}
