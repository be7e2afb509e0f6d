/* metrics_lists.h - the metrics that are a list: what each connection adds to them. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_METRICS_LISTS_H
#define WEDGE_SCENARIOS_ANALYSIS_METRICS_LISTS_H

#include "scenarios/analysis/analysis.h"

/* Adds the samples of one connection. */
typedef void metric_list_fn(const struct wire_connection *w, struct samples *out);

/* NULL when there is no such list. */
metric_list_fn *metric_list_find(const char *name);

#endif
