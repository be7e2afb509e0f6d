/* expect.h - expectations: "a.b.c >= 2 * d.e.f", parsed and checked at load, judged after the run. */
#ifndef WEDGE_SPEC_EXPECT_H
#define WEDGE_SPEC_EXPECT_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Grammar, in words. A comparison: SUM OP SUM with OP one of >= <= > < ==; or SUM between SUM and
 * SUM; or SUM within PERCENT of SUM. Sums of products of: numbers with the units of units.h
 * (seconds, bytes, fractions inside), metrics, parentheses, max(a, b), min(a, b), abs(a), and over
 * a sweep slope(metric), r2(metric), intercept(metric), at(metric, swept value).
 * A metric: PHASE.VANTAGE[.TRAFFIC].NAME[.STAT]; VANTAGE one of client_app, client_wire,
 * server_wire, server_app; STAT one of p01 p05 p10 p25 p50 p75 p90 p95 p99 min max mean sum count
 * cv, or share(LOW,HIGH): the part of the samples in [LOW,HIGH]; none for a single value. */
struct expect_node; /* private to expect.c */

struct expect {
	char *text;	  /* as written */
	char *documented; /* the documented number or words, NULL when the file gives none */
	char *phase;	  /* judged only when this phase ran; NULL: judged when all its phases ran */
	struct expect_node *root;
};

/* A metric as an expectation names it. traffic is "main" when left out. */
struct metric_ref {
	char phase[32], vantage[16], traffic[32], name[40], stat[12];
	double low, high; /* share(LOW,HIGH) */
};

/* Where the values come from: the runner, or a test. */
struct metric_source {
	/* The value of one metric, for the whole run or (sweep_index >= 0) for one swept point.
	 * 0, or -1 with *e when it was not measured. */
	int (*value)(void *arg, const struct metric_ref *ref, int sweep_index, double *out, struct err *e);
	size_t nsweep;		   /* 0: no sweep */
	const double *sweep_values; /* the swept values as numbers */
	void *arg;
};

/* Parses; column-exact errors ("column 12: ..."). known_metric (may be NULL) is asked for every
 * metric and says why one is refused. */
int expect_parse(const char *text, struct expect *out,
		 int (*known_metric)(void *arg, const struct metric_ref *ref, struct err *e), void *arg,
		 struct err *e) WG_MUSTUSE;
void expect_free(struct expect *x);

/* The phases that it names, as a callback per metric. */
void expect_each_metric(const struct expect *x, void (*fn)(void *arg, const struct metric_ref *), void *arg);

/* Judges: *ok, and in measured what was found on the left (and, where it was computed, on the
 * right), in readable units: "200.6 ms (limit 190 ms to 215 ms)". -1 with *e when a metric is missing. */
int expect_judge(const struct expect *x, const struct metric_source *src, bool *ok, char *measured,
		 size_t len, struct err *e) WG_MUSTUSE;

#endif
