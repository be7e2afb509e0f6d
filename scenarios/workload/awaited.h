/* awaited.h - the exchanges that a step of the runner awaits, counted by the client's own clock.
 * Pure: sends nothing. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_AWAITED_H
#define WEDGE_SCENARIOS_WORKLOAD_AWAITED_H

#include "scenarios/workload/tally.h"

/* Zero: nothing is awaited. */
struct awaited {
	uint64_t left; /* exchanges */
	bool failed;   /* those that fail are awaited, else those that succeed */
	int64_t since; /* nanoseconds of CLOCK_MONOTONIC; exchanges that began before don't count */
};

/* Begins to count what the runner's message asks for ("n", "failed", "since"; workload.h), those in
 * t that have ended by now, too. Returns whether there are as many already: then nothing is
 * awaited. */
bool awaited_begin(struct awaited *a, const json_t *message, const struct tally *t);

/* Counts an exchange that has just ended. Returns whether it was the last one that was awaited. */
bool awaited_count(struct awaited *a, const struct tally_exchange *x);

#endif
