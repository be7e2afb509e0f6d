/* expect_node.h - the tree behind an expectation, shared by its parser and its judge only. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_NODE_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_NODE_H

#include "scenarios/scenario/expect.h"

enum node_kind {
	NODE_NUMBER,
	NODE_METRIC,
	NODE_LARGEST,
	NODE_SMALLEST,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_DIV,
	NODE_MAX,
	NODE_MIN,
	NODE_ABS,
	NODE_SLOPE,
	NODE_R2,
	NODE_INTERCEPT,
	NODE_AT,
	NODE_GE,
	NODE_LE,
	NODE_GT,
	NODE_LT,
	NODE_EQ,
	NODE_BETWEEN, /* left in [right, third] */
	NODE_WITHIN,  /* |left - third| <= right * |third| */
};

struct expect_node {
	enum node_kind kind;
	size_t column; /* from 1 */
	double number;
	char unit;	       /* of a number, as in quantity.h */
	struct metric_ref ref; /* NODE_METRIC */
	struct expect_node *left, *right, *third;
};

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

#endif
