/* against.h - one scenario's signature against two captures, condition by condition: what they show
 * of it and what they don't, at the place that is most like it. */
#ifndef WEDGE_SCENARIOS_MATCH_AGAINST_H
#define WEDGE_SCENARIOS_MATCH_AGAINST_H

#include "scenarios/match/match.h"

struct against_line {
	const struct expect *condition;
	bool holds;
	char *measured; /* with what was wanted; or why nothing was measured */
};

struct against {
	const struct scope *scope; /* NULL: a capture's figures say nothing of that scenario */
	bool far;		   /* seen in the capture nearer to the server */
	struct against_line *list; /* without what can't be judged in these captures */
	size_t n, holds;
};

/* Judges; the caller frees *a with against_fini. m: of two captures, alive as long as *a. */
void against_make(const struct scenario *s, const struct matches *m, struct against *a);
/* Leaves in *a what holds there and is no condition of b's. */
void against_subtract(struct against *a, const struct against *b);
void against_fini(struct against *a);

#endif
