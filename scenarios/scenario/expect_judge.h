/* expect_judge.h - an expectation against measured values: true or not, and what was found in
 * words. Measures nothing itself. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_JUDGE_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_JUDGE_H

#include "scenarios/scenario/expect.h"

/* The source of the values: the runner, or a test. */
struct metric_source {
	/* Gets the value of one metric, for the whole run (a sweep's points pooled: samples
	 * together, single values summed, shares averaged) or (sweep_index >= 0) for one swept
	 * point. 0, or -1 with *e, which names the metric, when it was not measured. */
	int (*value)(void *arg, const struct metric_ref *ref, int sweep_index, double *out,
		     struct err *e);
	size_t nsweep;		    /* 0: no sweep */
	const double *sweep_values; /* the swept values as numbers */
	void *arg;
};

/* Judges: *ok, and in measured (len bytes) what was found on the left and what was wanted, in
 * readable units: "200.6 ms (wanted 195 ms to 215 ms)". -1 with *e when a metric is missing. */
int expect_judge(const struct expect *x, const struct metric_source *src, bool *ok, char *measured,
		 size_t len, struct err *e) WG_MUSTUSE;

#endif
