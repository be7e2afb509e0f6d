/* expect.h - an expectation, "a.b.c >= 2 * d.e.f", in memory. expect_parse.h makes it,
 * expect_check.h checks it, expect_judge.h judges it after the run. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_H

#include "scenarios/scenario/metric_ref.h"

struct expect_node; /* expect_node.h; private to expect*.c */

struct expect {
	char *text;	  /* as written */
	char *documented; /* the documented number or words, NULL when the file gives none */
	char *where;	  /* "FILE:LINE:COLUMN"; NULL when it comes from no file */
	struct expect_node *root;
};

void expect_free(struct expect *x); /* frees what is in it, and leaves it empty */

/* Calls fn with every metric that the expectation names. */
void expect_each_metric(const struct expect *x, void (*fn)(void *arg, const struct metric_ref *),
			void *arg);

#endif
