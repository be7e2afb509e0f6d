/* wire_samples.h - the metrics that one connection adds samples to: each function adds its own to
 * *out, times in seconds. What they mean is in the table of wire_metrics.c and in docs/rules.md. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_WIRE_SAMPLES_H
#define WEDGE_SCENARIOS_ANALYSIS_WIRE_SAMPLES_H

#include "scenarios/analysis/wire_connection.h"
#include "scenarios/base/stats.h"

void wire_add_handshake(const struct wire_connection *w, struct samples *out);
void wire_add_duration(const struct wire_connection *w, struct samples *out);
void wire_add_response(const struct wire_connection *w, struct samples *out);
void wire_add_response_total(const struct wire_connection *w, struct samples *out);
void wire_add_data_gap(const struct wire_connection *w, struct samples *out);
void wire_add_think(const struct wire_connection *w, struct samples *out);
void wire_add_ack_delay(const struct wire_connection *w, struct samples *out);
void wire_add_upstream_ack_delay(const struct wire_connection *w, struct samples *out);
void wire_add_longest_ack_delays(const struct wire_connection *w, struct samples *out);
void wire_add_liberation(const struct wire_connection *w, struct samples *out);
void wire_add_request_ack(const struct wire_connection *w, struct samples *out);
void wire_add_silence(const struct wire_connection *w, struct samples *out);
void wire_add_unanswered(const struct wire_connection *w, struct samples *out);
void wire_add_bodiless(const struct wire_connection *w, struct samples *out);
void wire_add_dropped_after(const struct wire_connection *w, struct samples *out);
void wire_add_reset_answer(const struct wire_connection *w, struct samples *out);
void wire_add_fin_ack(const struct wire_connection *w, struct samples *out);
void wire_add_fin_wait(const struct wire_connection *w, struct samples *out);
void wire_add_resend_gap(const struct wire_connection *w, struct samples *out);
void wire_add_resend_ratio(const struct wire_connection *w, struct samples *out);
void wire_add_flight(const struct wire_connection *w, struct samples *out);
void wire_add_flight_window(const struct wire_connection *w, struct samples *out);
void wire_add_flight_unscaled(const struct wire_connection *w, struct samples *out);
void wire_add_throughput(const struct wire_connection *w, struct samples *out);
void wire_add_throughput_scaled(const struct wire_connection *w, struct samples *out);
void wire_add_throughput_unscaled(const struct wire_connection *w, struct samples *out);
void wire_add_host_silence(const struct wire_connection *w, struct samples *out);

#endif
