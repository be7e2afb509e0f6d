/* wire_values.h - the metrics that have one value: counts of one connection, which are summed, and
 * figures of all connections of a server port together (0: of every port), NAN where there is
 * nothing to measure. What they mean is in the table of wire_metrics.c and in docs/rules.md. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_WIRE_VALUES_H
#define WEDGE_SCENARIOS_ANALYSIS_WIRE_VALUES_H

#include "scenarios/analysis/analysis.h"

double wire_count_connection(const struct wire_connection *w);
double wire_count_unreliable(const struct wire_connection *w);
double wire_count_exchanges(const struct wire_connection *w);
double wire_count_stalled_exchanges(const struct wire_connection *w);
double wire_count_truncated(const struct wire_connection *w);
double wire_count_syn_retries(const struct wire_connection *w);
double wire_count_reused(const struct wire_connection *w);

double wire_sum_connections(const struct analysis *a, uint16_t port,
			    double (*count)(const struct wire_connection *w));

double wire_measure_span(const struct analysis *a, uint16_t port);	     /* seconds */
double wire_measure_server_silence(const struct analysis *a, uint16_t port); /* seconds */
double wire_measure_stall_share(const struct analysis *a, uint16_t port);
double wire_measure_stall_cv(const struct analysis *a, uint16_t port);
double wire_measure_flight_unscaled_share(const struct analysis *a, uint16_t port);

#endif
