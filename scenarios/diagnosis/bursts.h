/* bursts.h - R4's other reason: a sender whose buffer is full goes on when all of it is
 * acknowledged, and sends as much each time (KB 823764). */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_BURSTS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_BURSTS_H

#include "scenarios/analysis/segments.h"

/* One direction's data. Zero-initialise to start. */
struct bursts {
	uint64_t bytes, before; /* since the last stall's end; between it and the one before */
	unsigned alike;		/* bursts in a row of as many bytes */
};

/* Takes each segment of the direction, when its connection has it. */
void bursts_take_segment(struct bursts *x, const struct segment *s);

/* Returns whether the stall that the last segment ended is one of several behind bursts of equal
 * size, of more than one segment of `limit` bytes. */
bool bursts_are_equal(const struct bursts *x, uint32_t limit);

#endif
