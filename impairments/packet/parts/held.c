/* held.c - a ring that is kept sorted; most packets come in the order of their keys. */
#include "impairments/packet/parts/held.h"

static struct held_entry *entry_at(const struct held *h, size_t i)
{
	return ring_at(&h->entries, i, sizeof(struct held_entry));
}

void held_add(struct held *h, struct held_entry e)
{
	size_t i = h->entries.n;

	ring_add(&h->entries, sizeof(e));
	for (; i && entry_at(h, i - 1)->key > e.key; i--)
		*entry_at(h, i) = *entry_at(h, i - 1);
	*entry_at(h, i) = e;
}

const struct held_entry *held_first(const struct held *h)
{
	return entry_at(h, 0);
}

struct held_entry held_take(struct held *h)
{
	struct held_entry e = {.p = NULL};

	if (!h->entries.n)
		return e;
	e = *entry_at(h, 0);
	ring_drop(&h->entries, 1);
	return e;
}

void held_fini(struct held *h)
{
	BUG_ON(h->entries.n);
	ring_fini(&h->entries);
}
