/* held.c - packets that a stage holds, in the order of a key. Pure: gives no verdicts. */
#include "impairments/packet/held.h"

#include "proxy/base/mem.h"

static struct held_entry *at(const struct held *h, size_t i)
{
	return &h->entry[(h->first + i) % h->room];
}

static void make_room(struct held *h)
{
	size_t room = h->room ? 2 * h->room : 16;
	struct held_entry *bigger = xcalloc(room, sizeof(*bigger));

	for (size_t i = 0; i < h->n; i++)
		bigger[i] = *at(h, i);
	free(h->entry);
	h->entry = bigger;
	h->first = 0;
	h->room = room;
}

void held_add(struct held *h, struct held_entry e)
{
	size_t i;

	if (h->n == h->room)
		make_room(h);
	for (i = h->n++; i && at(h, i - 1)->key > e.key; i--)
		*at(h, i) = *at(h, i - 1);
	*at(h, i) = e;
}

const struct held_entry *held_first(const struct held *h)
{
	return at(h, 0);
}

struct held_entry held_take(struct held *h)
{
	struct held_entry e = {.p = NULL};

	if (!h->n)
		return e;
	e = *at(h, 0);
	h->first = (h->first + 1) % h->room;
	h->n--;
	return e;
}

void held_fini(struct held *h)
{
	BUG_ON(h->n);
	free(h->entry);
}
