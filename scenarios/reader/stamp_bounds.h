/* stamp_bounds.h - keeps the times of a capture within a year of its first packet: what jumps
 * farther is a broken stamp or a clock that was set, and sums of such times would have no meaning,
 * nor room. Time then goes on from the packet before. */
#ifndef WEDGE_SCENARIOS_READER_STAMP_BOUNDS_H
#define WEDGE_SCENARIOS_READER_STAMP_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise to start. */
struct stamp_bounds {
	bool begun;
	int64_t first, last; /* ns */
	int64_t shift;	     /* from the file's times to those that are given out */
	uint64_t jumps;
	uint32_t jump_frame; /* the first that jumped; 0: none did */
};

/* Returns the time for the packet that the file has at that time, in nanoseconds from 0 to
 * CAPTURE_SECONDS_MAX, as number `frame`. Packets come in the order of the file. */
int64_t stamp_bounds_take(struct stamp_bounds *b, int64_t at, uint32_t frame);

#endif
