/* app_metrics.h - the figures in an application's own result (workload.h), by name, as lists of
 * samples. Knows no captures. */
#ifndef WEDGE_SCENARIOS_RUN_APP_METRICS_H
#define WEDGE_SCENARIOS_RUN_APP_METRICS_H

#include "scenarios/base/stats.h"

#include <jansson.h>
#include <stdbool.h>

/* One row each; a NULL name ends the table. */
struct app_metric {
	const char *name, *unit; /* as struct wire_metric */
	bool sampled;
	const char *help;
};
extern const struct app_metric app_metrics[];

const struct app_metric *app_metric_find(const char *name);

/* Returns whether the metric's samples have times: those of single exchanges and of episodes. */
bool app_metric_is_timed(const struct app_metric *m);

/* Adds the samples of a metric to *out: one for a single value, none when the result lacks it.
 * duration: of the phase, in seconds. */
void app_metric_add_samples(const struct app_metric *m, const json_t *result, double duration,
			    struct samples *out);

#endif
