/* expect_check.h - checks an expectation before anything runs: its metrics exist, like is compared
 * with like, the swept values that it names are swept. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_CHECK_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_CHECK_H

#include "scenarios/scenario/expect.h"
#include "scenarios/scenario/expect_node.h"

/* A value's dimension: powers of seconds and of bytes. any: fits everything (a bare zero). show:
 * the unit in which it is printed. */
struct dimension {
	int seconds, bytes;
	bool any;
	char show;
};

/* Computes the dimension of a value; -1 with *e where like isn't added to or compared with like. */
int expect_dimension(const struct expect_node *n, struct dimension *out, struct err *e) WG_MUSTUSE;

/* Calls known_metric (may be NULL) for every metric and takes its unit, then checks that like is
 * compared with like. */
int expect_resolve(struct expect_node *root, metric_known_fn *known_metric, void *arg,
		   struct err *e) WG_MUSTUSE;

/* Finds the swept value that a NODE_AT names among n > 0 values; -1 with *e when it is none of
 * them. */
int expect_swept_index(const struct expect_node *at, const double *values, size_t n, size_t *index,
		       struct err *e) WG_MUSTUSE;

/* Refuses a sweep function without a sweep (n 0), and at() of a value that isn't swept. */
int expect_check_sweep(const struct expect *x, const double *values, size_t n,
		       struct err *e) WG_MUSTUSE;

#endif
