/* held.h - the packets that a stage holds, in the order of a key such as a due time or a count.
 * Pure: gives no verdicts. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_HELD_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_HELD_H

#include "proxy/base/ring.h"
#include "proxy/packet/pkt_stage.h"

struct held_entry {
	struct pkt *p;
	int64_t came; /* when p came to this stage; another one may have held it before */
	int64_t key;
};

/* Zeroed: empty. */
struct held {
	struct ring entries; /* lowest key first */
};

/* Adds a packet behind all whose key isn't higher. */
void held_add(struct held *h, struct held_entry e);

static inline size_t held_count(const struct held *h)
{
	return h->entries.n;
}

/* Returns the first entry. There must be one. */
const struct held_entry *held_first(const struct held *h);

/* Takes the first entry out and returns it; p is NULL when there is none. */
struct held_entry held_take(struct held *h);

void held_fini(struct held *h); /* h must be empty */

#endif
