/* wire_metrics.c - the table of metrics: one row holds a metric's name, unit, meaning and how its
 * value comes out of the connections. */
#include "scenarios/analysis/wire_metrics.h"

#include "scenarios/analysis/delayed_ack_verdict.h"
#include "scenarios/analysis/host_freeze.h"
#include "scenarios/analysis/resets_together.h"
#include "scenarios/analysis/wire_samples.h"
#include "scenarios/analysis/wire_values.h"

#include <math.h>
#include <string.h>

#define SAMPLES(fn)  METRIC_SAMPLES, .samples = fn
#define TOGETHER(fn) METRIC_TOGETHER, .together = fn
#define SUM(fn)	     METRIC_SUM, .sum = fn
#define VALUE(fn)    METRIC_VALUE, .value = fn
#define FIELD(name)  offsetof(struct wire_connection, name)
#define BOTH(name)   METRIC_COUNTER, .counter = {FIELD(name), DIR_UPSTREAM, DIR_DOWNSTREAM}
#define UP(name)     METRIC_COUNTER, .counter = {FIELD(name), DIR_UPSTREAM, DIR_UPSTREAM}
#define DOWN(name)   METRIC_COUNTER, .counter = {FIELD(name), DIR_DOWNSTREAM, DIR_DOWNSTREAM}

const struct wire_metric wire_metrics[] = {
    {"connections", "count", "connections", SUM(wire_count_connection)},
    {"unreliable", "count", "connections in which the capture itself is faulty (R0)",
     SUM(wire_count_unreliable)},
    {"exchanges", "count", "requests, with or without a response", SUM(wire_count_exchanges)},
    {"handshake", "s", "SYN to the client's ACK of the SYN-ACK, per connection",
     SAMPLES(wire_add_handshake)},
    {"duration", "s", "first to last packet, per connection", SAMPLES(wire_add_duration)},
    {"span", "s", "first packet of the first to last packet of the last connection",
     VALUE(wire_measure_span)},
    {"response", "s", "last request byte to first response byte, per exchange",
     SAMPLES(wire_add_response)},
    {"response_total", "s", "first request byte to last response byte, per exchange",
     SAMPLES(wire_add_response_total)},
    {"data_gap", "s",
     "longest wait between two data segments of a response, per exchange that has two",
     SAMPLES(wire_add_data_gap)},
    {"think", "s", "last response byte to first byte of the next request", SAMPLES(wire_add_think)},
    {"ack_delay", "s", "downstream data to the pure ACK that first covers it",
     SAMPLES(wire_add_ack_delay)},
    {"ack_delay_max_per_exchange", "s",
     "longest ack_delay in each exchange with a response; 0 where no pure ACK covered it",
     SAMPLES(wire_add_longest_ack_delays)},
    {"upstream_ack_delay", "s", "upstream data to the pure ACK that first covers it",
     SAMPLES(wire_add_upstream_ack_delay)},
    {"stall", "s", "ack_delay, either direction, of delayed-ACK stalls (R4)",
     SAMPLES(delayed_ack_stall_gaps)},
    {"liberation", "s", "ACK that ends a stall (R4) to the data that it set free",
     SAMPLES(wire_add_liberation)},
    {"stalled_exchanges", "count", "exchanges with at least one stall (R4)",
     SUM(wire_count_stalled_exchanges)},
    {"stall_share", "ratio", "stalled_exchanges / exchanges", VALUE(wire_measure_stall_share)},
    {"stall_cv", "ratio", "variation of stall: deviation / mean; no sample below 2 stalls",
     VALUE(wire_measure_stall_cv)},
    {"request_ack", "s", "last request byte to its acknowledgement, per exchange that got it",
     SAMPLES(wire_add_request_ack)},
    {"unanswered", "s",
     "acknowledged request to the first FIN, RST or the end of the capture, per connection without "
     "a byte from the server (R3)",
     SAMPLES(wire_add_unanswered)},
    {"bodiless", "s",
     "acknowledged request to the first FIN, RST or the end of the capture, per connection that "
     "ended "
     "without a byte of its last answer's body (R9)",
     SAMPLES(wire_add_bodiless)},
    {"dropped_after", "s",
     "SYN to the server's FIN or RST within 1 s, per connection without a byte from it (R3)",
     SAMPLES(wire_add_dropped_after)},
    {"silence", "s", "how long a response stopped in its middle, with all of it acknowledged (R9)",
     SAMPLES(wire_add_silence)},
    {"truncated", "count", "connections that the server ended inside a response (R10)",
     SUM(wire_count_truncated)},
    {"reset_answer", "s",
     "segment of the client to the RST of an end that doesn't know the connection (R16)",
     SAMPLES(wire_add_reset_answer)},
    {"resets_together", "ratio",
     "part of the open connections that the server resets within 100 ms, each time that these are "
     "five or more",
     TOGETHER(resets_together_add)},
    {"fin_ack", "s", "the client's FIN to its acknowledgement", SAMPLES(wire_add_fin_ack)},
    {"fin_wait", "s",
     "the client's FIN to the server's FIN or RST, its own RST, or the end of the capture (R17)",
     SAMPLES(wire_add_fin_wait)},
    {"resend_gap", "s", "from one sending of a segment to the next", SAMPLES(wire_add_resend_gap)},
    {"resend_ratio", "ratio", "a resend_gap to the one before it, of the same segment",
     SAMPLES(wire_add_resend_ratio)},
    {"server_silence", "s",
     "longest time without a packet from the server, all connections together, from their first "
     "packet to their last",
     VALUE(wire_measure_server_silence)},
    {"host_silence", "s",
     "20 ms or more in which the server left something unanswered, or stopped, per connection "
     "(R14)",
     SAMPLES(wire_add_host_silence)},
    {"silence_together", "s", "host_silence that the server's other connections have, too (R14)",
     TOGETHER(host_freeze_add_together)},
    {"silence_together_share", "ratio",
     "silence_together / those of host_silence of which another connection can tell (R14)",
     VALUE(host_freeze_share)},
    {"throughput", "bytes/s",
     "response bytes / time from each request's first to its response's last byte, per connection",
     SAMPLES(wire_add_throughput)},
    {"throughput_scaled", "bytes/s", "the same, where the client's SYN offers a window scale",
     SAMPLES(wire_add_throughput_scaled)},
    {"throughput_unscaled", "bytes/s", "the same, where it doesn't, or offers 0",
     SAMPLES(wire_add_throughput_unscaled)},
    {"flight", "bytes",
     "bytes of the server that are not acknowledged, with each new data segment of it",
     SAMPLES(wire_add_flight)},
    {"flight_window", "ratio", "flight / the client's last window, with its scale",
     SAMPLES(wire_add_flight_window)},
    {"flight_unscaled", "ratio",
     "flight / the same window's field as it stands, where the client's SYN offers a window scale",
     SAMPLES(wire_add_flight_unscaled)},
    {"flight_unscaled_share", "ratio", "part of flight_unscaled that is at most 1",
     VALUE(wire_measure_flight_unscaled_share)},
    {"syn_retries", "count", "SYNs of the client beyond the first, of each connection",
     SUM(wire_count_syn_retries)},
    {"tuple_reused", "count",
     "connections whose addresses and ports an earlier one in the capture had",
     SUM(wire_count_reused)},
    {"retransmissions", "count", "segments that were sent again", BOTH(retransmissions)},
    {"out_of_order", "count", "segments that came late, but were not sent again",
     BOTH(out_of_order)},
    {"duplicate_acks", "count", "duplicate ACKs", BOTH(duplicate_acks)},
    {"zero_windows", "count", "segments that close the window", BOTH(zero_windows)},
    {"syns", "count", "segments with SYN", BOTH(syns)},
    {"fins", "count", "segments with FIN", BOTH(fins)},
    {"resets", "count", "segments with RST", BOTH(resets)},
    {"upstream_syns", "count", "segments with SYN from the client", UP(syns)},
    {"upstream_fins", "count", "segments with FIN from the client", UP(fins)},
    {"downstream_fins", "count", "segments with FIN from the server", DOWN(fins)},
    {"upstream_resets", "count", "segments with RST from the client", UP(resets)},
    {"downstream_resets", "count", "segments with RST from the server", DOWN(resets)},
    {"downstream_zero_windows", "count", "segments by which the server closes its window",
     DOWN(zero_windows)},
    {"data_bytes", "bytes", "payload, both directions, without what was sent again",
     BOTH(data_bytes)},
    {"upstream_bytes", "bytes", "payload from the client, without what was sent again",
     UP(data_bytes)},
    {"downstream_bytes", "bytes", "payload from the server, without what was sent again",
     DOWN(data_bytes)},
    {"upstream_segments", "count", "segments with payload from the client", UP(data_segments)},
    {"downstream_segments", "count", "segments with payload from the server", DOWN(data_segments)},
    {"upstream_pure_acks", "count", "pure ACKs from the client (of downstream data)",
     UP(pure_acks)},
    {"downstream_pure_acks", "count", "pure ACKs from the server (of upstream data)",
     DOWN(pure_acks)},
    {.name = NULL},
};

static double sum_counter(const struct wire_connection *w, const struct wire_counter *k)
{
	const uint64_t *field = (const uint64_t *)(const void *)((const char *)w + k->offset);
	double sum = 0;

	for (int d = (int)k->first; d <= (int)k->last; d++)
		sum += (double)field[d];
	return sum;
}

static double sum_counters(const struct analysis *a, uint16_t port, const struct wire_counter *k)
{
	double sum = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			sum += sum_counter(&a->connections[i], k);
	return sum;
}

static void add_samples(const struct wire_metric *m, const struct analysis *a, uint16_t port,
			struct samples *out)
{
	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			m->samples(&a->connections[i], out);
}

const struct wire_metric *wire_metric_find(const char *name)
{
	for (const struct wire_metric *m = wire_metrics; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

void wire_metric_add_samples(const struct wire_metric *m, const struct analysis *a, uint16_t port,
			     struct samples *out)
{
	double value = NAN;

	switch (m->kind) {
	case METRIC_SAMPLES:
		add_samples(m, a, port, out);
		return;
	case METRIC_TOGETHER:
		m->together(a, port, out);
		return;
	case METRIC_COUNTER:
		value = sum_counters(a, port, &m->counter);
		break;
	case METRIC_SUM:
		value = wire_sum_connections(a, port, m->sum);
		break;
	case METRIC_VALUE:
		value = m->value(a, port);
		break;
	}
	if (!isnan(value))
		samples_add(out, value);
}
