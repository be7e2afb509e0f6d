/* trickle.h - R15: a response that comes in drops of a few bytes, at an even pace. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_TRICKLE_H
#define WEDGE_SCENARIOS_DIAGNOSIS_TRICKLE_H

#include "scenarios/analysis/segments.h"

#define TRICKLE_LEAST	  10 /* drops */
#define TRICKLE_CUT_LEAST 5  /* where the capture lacks the beginning or the end of them */

/* Zero-initialise to start. */
struct trickle {
	unsigned drops; /* in a row */
	int64_t first, last;
	double mean, squares; /* of the times between them, and the sum of squared deviations */
};

/* Takes each step of the connection. */
void trickle_take_step(struct trickle *t, const struct segment *s);

/* Returns whether the drops so far are a trickle of `least` or more. */
bool trickle_runs(const struct trickle *t, unsigned least);

#endif
