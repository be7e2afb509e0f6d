/* points.h - moments of a stream that two captures have: its first n bytes were sent, or were
 * acknowledged. The first capture says which, the second when there. */
#ifndef WEDGE_SCENARIOS_PAIRS_POINTS_H
#define WEDGE_SCENARIOS_PAIRS_POINTS_H

#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct point {
	uint64_t offset; /* bytes of the stream */
	int64_t a, b;	 /* when, by either capture's clock; 0: not seen there */
};

/* Moments of one kind, ascending. */
struct point_list {
	struct point *list;
	size_t n, room, met; /* met: how many the second capture has reached */
};

/* Those of one connection. */
struct points {
	struct point_list sent[DIR_COUNT], acked[DIR_COUNT];
};

/* Adds a moment of the first capture, not before the last one's offset, and returns its index. */
size_t points_add(struct point_list *p, uint64_t offset, int64_t a);

/* The second capture has come to that offset. */
void points_meet(struct point_list *p, uint64_t offset, int64_t b);

void points_fini(struct points *p);

#endif
