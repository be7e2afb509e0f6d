/* distribution.h - how long the exchanges of each phase took, counted into bins that all phases
 * share, so that they can be drawn below each other. */
#ifndef WEDGE_SCENARIOS_RUN_DISTRIBUTION_H
#define WEDGE_SCENARIOS_RUN_DISTRIBUTION_H

#include "scenarios/run/judge.h"

/* Fills *out: response times by the client application's clock; where no phase has any (a program
 * of the user's), those of the client's wire; else nothing. A time below a microsecond counts into
 * the first bin. */
void distribution_measure(struct result_distribution *out, const struct measured *m);

#endif
