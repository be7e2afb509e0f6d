/* phase_metrics.h - the value of a metric in one phase: from an application's own result or from
 * the analysis of one leg's capture. Never reads the journal (docs/architecture.md, rule 1). */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_METRICS_H
#define WEDGE_SCENARIOS_RUN_PHASE_METRICS_H

#include "scenarios/base/stats.h"
#include "scenarios/run/phase_data.h"
#include "scenarios/scenario/metric_ref.h"

/* Adds the metric's samples in one run of a phase. 0, or -1 with *e when there is no such metric.
 */
int phase_metric_samples(const struct phase_data *d, const struct metric_ref *ref,
			 struct samples *out, struct err *e) WG_MUSTUSE;

/* Computes the value over n runs of one phase (more than one with a sweep: samples are pooled,
 * single counts added, ratios averaged). 0 and *out, or -1 with *e when there is no such value. */
int phase_metric_value(struct phase_data *const *d, size_t n, const struct metric_ref *ref,
		       double *out, struct err *e) WG_MUSTUSE;

/* Returns the unit as in quantity.h, with the statistic applied; 0 when there is no such metric. */
char phase_metric_unit(const struct metric_ref *ref);

/* A metric_known_fn (metric_ref.h): refuses metrics that aren't measured, and names the nearest.
 * arg is unused. */
int phase_metric_known(void *arg, const struct metric_ref *ref, struct err *e);

/* Returns every metric of a phase as {"client_app.response.p50": value, ...}; a new reference. */
json_t *phase_metrics_json(struct phase_data *d);

#endif
