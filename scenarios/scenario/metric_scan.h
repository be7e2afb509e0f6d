/* metric_scan.h - the text of a metric, PHASE[:SECTION].VANTAGE[.TRAFFIC].NAME[.STATISTIC], into
 * its parts. Knows the words of metric_ref.h, not which metrics there are. */
#ifndef WEDGE_SCENARIOS_SCENARIO_METRIC_SCAN_H
#define WEDGE_SCENARIOS_SCENARIO_METRIC_SCAN_H

#include "scenarios/scenario/expect_scan.h"
#include "scenarios/scenario/metric_ref.h"

/* Takes a metric that comes next, with its phase. The caller zeroes *ref. false after scan_fail. */
bool metric_scan(struct scan *p, struct metric_ref *ref);

/* Takes a figure of one capture, [other.]NAME[.STATISTIC], whose statistic is the caller's to know.
 * It has no phase and no vantage; traffic is "main" or "other". */
bool metric_scan_figure(struct scan *p, struct metric_ref *ref);

/* Parses a text that is one metric without its phase, "client_app.response.p50", and nothing else.
 * ref's phase is left empty. */
int metric_ref_parse(const char *text, struct metric_ref *out, struct err *e) WG_MUSTUSE;

#endif
