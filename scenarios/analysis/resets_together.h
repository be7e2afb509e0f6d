/* resets_together.h - connections that end together: a server's process that dies resets all that
 * it has at one moment (R18 of docs/rules.md finds the same in a capture from anywhere). */
#ifndef WEDGE_SCENARIOS_ANALYSIS_RESETS_TOGETHER_H
#define WEDGE_SCENARIOS_ANALYSIS_RESETS_TOGETHER_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/base/stats.h"

/* Adds a sample for each time at which the server resets five connections of that port (0: all) or
 * more within 100 ms: the share of the connections open at the first of these RSTs that end by one
 * of them. */
void resets_together_add(const struct analysis *a, uint16_t port, struct samples *out);

#endif
