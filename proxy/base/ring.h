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

void *ring_at(const struct ring *r, size_t i, size_t size); /* the i-th of n, from 0 */

/* The new last one, not zeroed; pointers to the others aren't valid any more. */
void *ring_add(struct ring *r, size_t size);

void ring_drop(struct ring *r, size_t k); /* the first k of n */
void ring_fini(struct ring *r);		  /* empty afterwards */

#endif
