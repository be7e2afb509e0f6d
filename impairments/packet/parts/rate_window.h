/* rate_window.h - how many bytes came in the last so many nanoseconds, exactly. Pure. */
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

/* Forgets what came over or more nanoseconds before now and adds what comes now, which is never
 * before what came last. Returns the bytes that had come in that time without it: at a steady rate
 * they never exceed rate * over, however large a packet is. */
uint64_t rate_window_add(struct rate_window *w, int64_t now, uint64_t bytes, int64_t over);

void rate_window_fini(struct rate_window *w);

#endif
