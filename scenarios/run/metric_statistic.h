/* metric_statistic.h - the statistics that a metric may end in, as one value of its samples. */
#ifndef WEDGE_SCENARIOS_RUN_METRIC_STATISTIC_H
#define WEDGE_SCENARIOS_RUN_METRIC_STATISTIC_H

#include "scenarios/base/stats.h"
#include "scenarios/scenario/metric_ref.h"

/* Computes ref->stat of the samples; low and high are the bounds of share(LOW,HIGH). NAN: not to be
 * had of these. The count and the sum of no samples are 0, nothing else is. */
double metric_statistic(const struct samples *s, const struct metric_ref *ref);

/* Returns the unit of the statistic of a metric in that unit, both as in quantity.h. */
char metric_statistic_unit(const char *stat, char unit);

#endif
