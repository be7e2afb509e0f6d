/* ring.h - a queue of items of one size that grows: the oldest first, read anywhere, added at its
 * end, dropped from its front. Knows nothing of what is in it. */
#ifndef WEDGE_BASE_RING_H
#define WEDGE_BASE_RING_H

#include <stddef.h>

/* Zeroed: empty. Every call of one ring is given the same item size in bytes. */
struct ring {
	void *items;
	size_t first, n, room;
};

/* Returns the i-th item, counted from 0 at the front. */
void *ring_at(const struct ring *r, size_t i, size_t size);

/* Adds an item at the end and returns it, not zeroed. Pointers to the other items become invalid.
 */
void *ring_add(struct ring *r, size_t size);

void ring_drop(struct ring *r, size_t k); /* drops the first k items */
void ring_fini(struct ring *r);		  /* frees all; the ring is empty afterwards */

#endif
