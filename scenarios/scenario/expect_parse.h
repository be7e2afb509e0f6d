/* expect_parse.h - the text of an expectation becomes a tree; every refusal names its column. */
#ifndef WEDGE_SCENARIOS_SCENARIO_EXPECT_PARSE_H
#define WEDGE_SCENARIOS_SCENARIO_EXPECT_PARSE_H

#include "scenarios/scenario/expect.h"

/* Grammar, in words (docs/scenario-format.md has it in full). A comparison: SUM OP SUM with OP one
 * of >= <= > < ==; or SUM between SUM and SUM; or SUM within PERCENT of SUM. Sums of products of:
 * numbers with the units of units.h (seconds, bytes, fractions inside), metrics, parentheses,
 * the functions of expect_functions.h.
 * A metric: PHASE.VANTAGE[.TRAFFIC].NAME[.STAT]; VANTAGE one of client_app, client_wire,
 * server_wire, server_app; STAT one of METRIC_STATS; none for a single value. */

/* Parses a text, calls known_metric (may be NULL) for every metric, and checks that like is
 * compared with like. The caller frees *out with expect_free. Errors name the column: "column 12:
 * ...". */
int expect_parse(const char *text, struct expect *out, metric_known_fn *known_metric, void *arg,
		 struct err *e) WG_MUSTUSE;

/* The same for a condition of a signature, whose metrics are figures of one capture:
 * [other.]NAME[.STATISTIC], without phase and vantage (metric_scan.h). It has no sweep. */
int expect_parse_condition(const char *text, struct expect *out, metric_known_fn *known_metric,
			   void *arg, struct err *e) WG_MUSTUSE;

#endif
