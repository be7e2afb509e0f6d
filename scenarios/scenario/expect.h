/* expect.h - expectations: "a.b.c >= 2 * d.e.f", parsed and checked at load, judged after the run.
 */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Grammar, in words (docs/scenario-format.md has it in full). A comparison: SUM OP SUM with OP one
 * of
 * >= <= > < ==; or SUM between SUM and SUM; or SUM within PERCENT of SUM. Sums of products of:
 * numbers with the units of units.h (seconds, bytes, fractions inside), metrics, parentheses,
 * max(a, b), min(a, b), abs(a), and over a sweep slope(metric), r2(metric), intercept(metric),
 * at(metric, swept value), with largest and smallest for the ends of the swept values.
 * A metric: PHASE.VANTAGE[.TRAFFIC].NAME[.STAT]; VANTAGE one of client_app, client_wire,
 * server_wire, server_app; STAT one of p01 p05 p10 p25 p50 p75 p90 p95 p99 min max mean sum count
 * cv, or share(LOW,HIGH): the part of the samples in [LOW,HIGH]; none for a single value. */
struct expect_node; /* private to expect*.c */

struct expect {
	char *text;	  /* as written */
	char *documented; /* the documented number or words, NULL when the file gives none */
	char *where;	  /* "FILE:LINE:COLUMN"; NULL when it comes from no file */
	struct expect_node *root;
};

/* A metric as an expectation names it. traffic is "main" when left out. */
struct metric_ref {
	char phase[32], vantage[16], traffic[32], name[40], stat[12];
	double low, high; /* share(LOW,HIGH) */
	char unit;	  /* as in quantity.h, with the statistic applied; 0: not known */
};

#define METRIC_TEXT 192
/* "impaired.client_app.response.p50", without the phase when it has none; returns buf. */
char *metric_format(const struct metric_ref *ref, char buf[METRIC_TEXT]);

/* One metric without its phase, "client_app.response.p50", and nothing else; phase is left empty.
 */
int metric_ref_parse(const char *text, struct metric_ref *out, struct err *e) WG_MUSTUSE;

/* Asked for every metric: -1 with *e that says why it is refused; else its unit as in quantity.h,
 * what the statistic makes of it, or 0 when that isn't known. */
typedef int metric_known_fn(void *arg, const struct metric_ref *ref, struct err *e);

/* Where the values come from: the runner, or a test. */
struct metric_source {
	/* The value of one metric, for the whole run (a sweep's points pooled: samples together,
	 * single values summed) or (sweep_index >= 0) for one swept point. 0, or -1 with *e, which
	 * names the metric, when it was not measured. */
	int (*value)(void *arg, const struct metric_ref *ref, int sweep_index, double *out,
		     struct err *e);
	size_t nsweep;		    /* 0: no sweep */
	const double *sweep_values; /* the swept values as numbers */
	void *arg;
};

/* Parses, asks known_metric (may be NULL) for every metric, and checks that only like is compared
 * with like. Column-exact errors: "column 12: ...". */
int expect_parse(const char *text, struct expect *out, metric_known_fn *known_metric, void *arg,
		 struct err *e) WG_MUSTUSE;
void expect_free(struct expect *x);

/* Refuses a sweep function without a sweep, and at() of a value that isn't swept. */
int expect_check_sweep(const struct expect *x, const double *values, size_t n,
		       struct err *e) WG_MUSTUSE;

/* The metrics that it names, as a callback per metric. */
void expect_each_metric(const struct expect *x, void (*fn)(void *arg, const struct metric_ref *),
			void *arg);

/* Judges: *ok, and in measured what was found on the left and what was wanted, in readable units:
 * "200.6 ms (wanted 195 ms to 215 ms)". -1 with *e when a metric is missing. */
int expect_judge(const struct expect *x, const struct metric_source *src, bool *ok, char *measured,
		 size_t len, struct err *e) WG_MUSTUSE;

#endif
