/* expect_range.h - which values the parts of an expectation can have, whatever is measured; refuses
 * an expectation that can't hold, or that measures nothing. Knows units and statistics, no metric
 * by its name. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_RANGE_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_RANGE_H

#include "proxy/base/err.h"
#include "scenarios/scenario/expect_node.h"

/* Checks a comparison whose metrics have their units. -1 with *e, which names the column: no metric
 * is in it, a constant part has no value (a division by 0, a share above 100%, a count of 10.5), or
 * no values that can be measured make it true. */
int expect_check_range(const struct expect_node *root, struct err *e) WG_MUSTUSE;

#endif
