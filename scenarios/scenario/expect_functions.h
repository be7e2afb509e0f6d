/* expect_functions.h - the functions of an expectation by name, and what each takes. Private to
 * expect*.c. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_FUNCTIONS_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_FUNCTIONS_H

#include "scenarios/scenario/expect_node.h"

/* What stands between a function's parentheses. */
enum function_takes {
	TAKES_NOTHING, /* it has no parentheses */
	TAKES_SUM,
	TAKES_TWO_SUMS,
	TAKES_METRIC,
	TAKES_METRIC_AND_SUM,
};

struct expect_function {
	const char *name; /* NULL ends the table */
	enum node_kind kind;
	enum function_takes takes;
	bool over_sweep; /* its value is one of all swept points */
};

extern const struct expect_function expect_functions[];

/* Returns the function whose name is the word of len characters, or NULL. */
const struct expect_function *expect_function_find(const char *word, size_t len);

const struct expect_function *expect_function_of(enum node_kind kind); /* NULL: none */

/* Returns the function's name that is nearest to the word, or NULL. */
const char *expect_function_nearest(const char *word);

#endif
