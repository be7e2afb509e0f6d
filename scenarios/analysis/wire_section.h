/* wire_section.h - a metric over one part of a capture's time. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_WIRE_SECTION_H
#define WEDGE_SCENARIOS_ANALYSIS_WIRE_SECTION_H

#include "scenarios/analysis/wire_metrics.h"

/* Returns whether the metric can be had of a part: figures of exchanges are those of the exchanges
 * whose request began in it, other samples those that began in it, counts those of the connections
 * whose first packet lies in it. False: it is one figure of everything together. */
bool wire_metric_has_parts(const struct wire_metric *m);

/* Does as wire_metric_add_samples, for the time from from up to, but not including, to (wall-clock
 * nanoseconds of the capture). The metric has parts. */
void wire_metric_add_part(const struct wire_metric *m, const struct analysis *a, uint16_t port,
			  int64_t from, int64_t to, struct samples *out);

#endif
