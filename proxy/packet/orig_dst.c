/* orig_dst.c - a ring of notes, hashed by the initial sequence number, which is random. */
#include "proxy/packet/orig_dst.h"

void orig_dst_add(struct orig_dst_table *w, const struct addr *client, uint32_t isn,
		  const struct addr *to)
{
	struct orig_dst_note *n = &w->note[w->next];

	w->next = (w->next + 1) % ORIG_DST_MAX;
	if (n->client.len)
		LIST_REMOVE(n, entry);
	n->client = *client;
	n->to = *to;
	n->isn = isn;
	LIST_INSERT_HEAD(&w->by_isn[isn % ORIG_DST_MAX], n, entry);
}

static bool is_same_host(const struct addr *a, const struct addr *b)
{
	struct addr there = *b;

	addr_set_port(&there, addr_port(a));
	return addr_equal(a, &there);
}

const struct addr *orig_dst_find(const struct orig_dst_table *w, const struct addr *client,
				 uint32_t isn)
{
	const struct orig_dst_note *n;

	LIST_FOREACH (n, &w->by_isn[isn % ORIG_DST_MAX], entry)
		if (n->isn == isn && is_same_host(&n->client, client))
			return &n->to;
	return NULL;
}
