/* wire_metrics.h - the figures that an analysis yields, by name: samples or one value each, over
 * the connections of one server port. Figures only: the rules that find a failure in them are
 * elsewhere (delayed_ack_verdict.h, and the expectations of a scenario). */
#ifndef WEDGE_SCENARIOS_ANALYSIS_WIRE_METRICS_H
#define WEDGE_SCENARIOS_ANALYSIS_WIRE_METRICS_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/base/stats.h"

/* The way in which a metric's value comes out of the selected connections. */
enum wire_metric_kind {
	METRIC_SAMPLES,	 /* each connection adds any number of samples; the metric has quantiles */
	METRIC_TOGETHER, /* the same, of all connections together */
	METRIC_COUNTER,	 /* one value: a counter of all connections, summed */
	METRIC_SUM,	 /* one value: each connection's figure, summed */
	METRIC_VALUE,	 /* one value of all connections together; none when it is NAN */
};

/* A field of struct wire_connection, an array by direction: those from first to last are summed. */
struct wire_counter {
	size_t offset;
	enum dir first, last;
};

struct wire_metric {
	const char *name; /* "ack_delay" */
	const char *unit; /* "s", "count", "bytes", "bytes/s", "ratio" */
	const char *help;
	enum wire_metric_kind kind;
	union {
		void (*samples)(const struct wire_connection *w, struct samples *out);
		void (*together)(const struct analysis *a, uint16_t port, struct samples *out);
		struct wire_counter counter;
		double (*sum)(const struct wire_connection *w);
		double (*value)(const struct analysis *a, uint16_t port);
	};
};

extern const struct wire_metric wire_metrics[]; /* a NULL name ends the table */

const struct wire_metric *wire_metric_find(const char *name); /* NULL: no such metric */

/* Adds the metric's samples over the connections whose server port is port (0: all) to *out: many,
 * or one for a single value, none when there is nothing to measure. Times are in seconds; samples
 * of a list have the time at which what they measure began. */
void wire_metric_add_samples(const struct wire_metric *m, const struct analysis *a, uint16_t port,
			     struct samples *out);

static inline bool wire_metric_is_sampled(const struct wire_metric *m)
{
	return m->kind == METRIC_SAMPLES || m->kind == METRIC_TOGETHER;
}

#endif
