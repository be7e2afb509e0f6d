/* metric.h - how a metric is written: which vantages and statistics there are. Which metrics a
 * vantage has is known to whoever measures; the loader asks through a metric_known_fn. */
#ifndef WEDGE_SCENARIOS_SCENARIO_METRIC_H
#define WEDGE_SCENARIOS_SCENARIO_METRIC_H

#include "scenarios/scenario/expect.h"

#define METRIC_STATS "p01 p05 p10 p25 p50 p75 p90 p95 p99 min max mean sum count cv share(LOW,HIGH)"

extern const char *const metric_vantages[]; /* NULL-terminated */

bool metric_is_vantage(const char *word);
bool metric_is_stat(const char *word);

#endif
