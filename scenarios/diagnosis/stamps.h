/* stamps.h - a sender's clock in its timestamps (RFC 7323): tells what was sent late from what was
 * sent in time, and delivered late. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_STAMPS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_STAMPS_H

#include "scenarios/analysis/segments.h"

/* One direction's. Zero-initialise to start. */
struct stamps {
	int64_t first_at; /* 0: none was seen */
	uint32_t first;	  /* its TSval */
	int64_t tick;	  /* nanoseconds; 0: not known yet */
	unsigned agreed;  /* estimates in a row that came to that tick */
	int64_t least;	  /* capture's time less the sender's, of the quickest packet */
	int64_t late;	  /* how much later than that the last packet came; -1: not known */
};

/* Takes each segment of the direction. */
void stamps_take_segment(struct stamps *x, const struct segment *s);

#endif
