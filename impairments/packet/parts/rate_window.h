/* rate_window.h - counts the bytes that came within a time up to now, exactly. Pure. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_RATE_WINDOW_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_RATE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct rate_entry {
	int64_t at;
	uint64_t bytes;
};

/* Zeroed: nothing has come. */
struct rate_window {
	struct rate_entry *entry; /* ring, oldest first */
	size_t first, n, room;
	uint64_t bytes; /* of all entries */
};

/* Forgets bytes that came over or more nanoseconds before now and adds those that come now; now
 * never decreases. Returns the bytes within that time without the ones that come now: at a steady
 * rate they never exceed rate * over, however large a packet is. */
uint64_t rate_window_add(struct rate_window *w, int64_t now, uint64_t bytes, int64_t over);

void rate_window_fini(struct rate_window *w);

#endif
