/* ring.c - a circular buffer whose room doubles. */
#include "proxy/base/ring.h"

#include "proxy/base/mem.h"

#include <string.h>

#define ROOM_FIRST 16

void *ring_at(const struct ring *r, size_t i, size_t size)
{
	BUG_ON(i >= r->n);
	return (char *)r->items + (r->first + i) % r->room * size;
}

static void grow_ring(struct ring *r, size_t size)
{
	size_t room = r->room ? 2 * r->room : ROOM_FIRST, head = r->room - r->first;
	char *bigger = xcalloc(room, size);

	if (r->n) { /* it is full: from the first to the end of the room, then the rest */
		memcpy(bigger, (char *)r->items + r->first * size, head * size);
		memcpy(bigger + head * size, r->items, r->first * size);
	}
	free(r->items);
	r->items = bigger;
	r->first = 0;
	r->room = room;
}

void *ring_add(struct ring *r, size_t size)
{
	if (r->n == r->room)
		grow_ring(r, size);
	r->n++;
	return ring_at(r, r->n - 1, size);
}

void ring_drop(struct ring *r, size_t k)
{
	BUG_ON(k > r->n);
	if (!k)
		return;
	r->first = (r->first + k) % r->room;
	r->n -= k;
}

void ring_fini(struct ring *r)
{
	free(r->items);
	*r = (struct ring){0};
}
