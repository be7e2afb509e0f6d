/* expect_check.h - what can be said of an expectation before anything runs: that its metrics exist,
 * that like is compared with like, that the swept values it names are swept. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_CHECK_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_CHECK_H

#include "scenarios/scenario/expect.h"
#include "scenarios/scenario/expect_node.h"

/* What a value is made of: powers of seconds and of bytes; any: fits everything (a bare zero).
 * show: how it is printed. */
struct dimension {
	int seconds, bytes;
	bool any;
	char show;
};

/* The dimension of a value; -1 with *e where like isn't added to or compared with like. */
int expect_dimension(const struct expect_node *n, struct dimension *out, struct err *e) WG_MUSTUSE;

/* Asks known_metric (may be NULL) for every metric, then checks that like is compared with like. */
int expect_resolve(struct expect_node *root, metric_known_fn *known_metric, void *arg,
		   struct err *e) WG_MUSTUSE;

/* Which swept value NODE_AT means; -1 with *e when it isn't one. n > 0. */
int expect_swept_index(const struct expect_node *at, const double *values, size_t n, size_t *index,
		       struct err *e) WG_MUSTUSE;

/* Refuses a sweep function without a sweep (n 0), and at() of a value that isn't swept. */
int expect_check_sweep(const struct expect *x, const double *values, size_t n,
		       struct err *e) WG_MUSTUSE;

#endif
