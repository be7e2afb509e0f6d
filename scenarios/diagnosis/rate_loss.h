/* rate_loss.h - R19: are the segments lost that come fast, and others not? */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RATE_LOSS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RATE_LOSS_H

#include "scenarios/analysis/segments.h"

#define FAST_BURSTS 8

/* One direction of a connection. Zero-initialise to start. */
struct rate_loss {
	double level; /* bytes above 100 Mbit/s, of the last time */
	int64_t at;
	struct {
		int64_t from, to;
	} bursts[FAST_BURSTS]; /* that were fast, the oldest overwritten */
	unsigned next;
	bool fast;  /* the last segment was */
	bool blind; /* the acknowledgements' options aren't in the capture: no DSACK can be seen */
	/* New segments, and those of them that were sent again, by whether they had been fast. */
	uint64_t sent[2], lost[2];
	uint32_t frame; /* of the first one sent again; 0: none */
};

/* Takes each segment of the direction, when its connection has it. */
void rate_loss_take_segment(struct rate_loss *x, const struct connection *c,
			    const struct segment *s);

/* Takes each segment against it: what its receiver has twice was not lost, but late. */
void rate_loss_take_ack(struct rate_loss *x, const struct segment *s);

/* Adds the counts of other. */
void rate_loss_merge(struct rate_loss *x, const struct rate_loss *other);

/* Returns whether fast segments are lost ten times as often as others, by enough of both. */
bool rate_loss_depends(const struct rate_loss *x);

#endif
