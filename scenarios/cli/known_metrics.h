/* known_metrics.h - every name that a scenario file may measure by: of a run, or of one capture. */
#ifndef WEDGE_SCENARIOS_CLI_KNOWN_METRICS_H
#define WEDGE_SCENARIOS_CLI_KNOWN_METRICS_H

#include "scenarios/scenario/metric_ref.h"

/* A metric_known_fn; arg is unused. */
int metric_known(void *arg, const struct metric_ref *ref, struct err *e);

#endif
