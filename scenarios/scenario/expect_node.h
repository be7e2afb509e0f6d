/* expect_node.h - the tree behind an expectation, shared by its parser and its judge only. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_NODE_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_NODE_H

#include "scenarios/scenario/metric_ref.h"

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
	NODE_BINOMIAL_LOW, /* left: the share, right: how many */
	NODE_BINOMIAL_HIGH,
	NODE_CV_LOW, /* left: how many */
	NODE_CV_HIGH,
	NODE_SLOPE, /* from here to NODE_AT: left is a metric, of all swept points */
	NODE_R2,
	NODE_INTERCEPT,
	NODE_SPEARMAN,
	NODE_PLATEAU,
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

/* Makes a node without operands; column is its place in the text. */
struct expect_node *expect_node_new(enum node_kind kind, size_t column);
void expect_node_free(struct expect_node *n); /* with its operands; NULL is fine */

/* Calls fn with every metric of the tree, from left to right. */
void expect_node_each_metric(const struct expect_node *n,
			     void (*fn)(void *arg, const struct metric_ref *), void *arg);

#endif
