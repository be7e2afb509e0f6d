/* moment.h - when a fault took effect, by the packets of the client's side alone. */
#ifndef WEDGE_SCENARIOS_CHECK_MOMENT_H
#define WEDGE_SCENARIOS_CHECK_MOMENT_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/check/hang_point.h"

/* Returns wall-clock nanoseconds of the capture; 0: the connection doesn't show it. */
int64_t fault_moment_find(const struct wire_connection *w, enum fault_moment moment);

#endif
