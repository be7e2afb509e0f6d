/* clock_align.h - the difference of two captures' clocks, from packets that both have: it lies
 * between what those of one direction and those of the other allow, and may drift. */
#ifndef WEDGE_SCENARIOS_PAIRS_CLOCK_ALIGN_H
#define WEDGE_SCENARIOS_PAIRS_CLOCK_ALIGN_H

#include "proxy/base/dir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALIGN_WINDOWS 64

/* Add the packets, then ask. Zero-initialise, then align_init. */
struct clock_align {
	int64_t begin, span; /* of the first capture */
	struct {
		/* The least time, by both clocks, from the first capture to the second (upstream)
		 * and back (downstream). */
		int64_t least[DIR_COUNT];
		bool seen[DIR_COUNT];
		int64_t at[DIR_COUNT];
	} windows[ALIGN_WINDOWS];
	/* b - a = offset + drift x (a - begin), in nanoseconds; right to error either way. */
	double offset, drift, error;
	size_t points; /* windows with both directions */
};

/* The first capture's packets lie in [begin, begin + span]. */
void align_init(struct clock_align *c, int64_t begin, int64_t span);

/* Takes a packet of that direction that the first capture has at a, the second at b. The first
 * capture is nearer to the client. */
void align_add(struct clock_align *c, enum dir dir, int64_t a, int64_t b);

/* One clock has stamped both: instead of adding and solving. */
void align_one_clock(struct clock_align *c);

/* Finds the difference. false: no window has packets of both directions. */
bool align_solve(struct clock_align *c);

/* Whether what was found can be two clocks: no packet is at the second capture before it is at the
 * first, and neither clock drifts by more than any does. */
bool align_is_possible(const struct clock_align *c);

/* Returns a time of the first capture by the second one's clock. */
int64_t align_to_second(const struct clock_align *c, int64_t a);

/* Returns a time of the second capture by the first one's clock. */
int64_t align_to_first(const struct clock_align *c, int64_t b);

#endif
