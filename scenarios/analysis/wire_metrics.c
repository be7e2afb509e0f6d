/* wire_metrics.c - the table of metrics: one row holds a metric's name, unit, meaning and how its
 * value comes out of the connections. */
#include "scenarios/analysis/wire_metrics.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/delayed_ack_verdict.h"

#include <math.h>
#include <string.h>

static void add_handshake(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && w->handshake_ack)
		samples_add(out, clock_seconds(w->handshake_ack - w->syn));
}

static void add_duration(const struct wire_connection *w, struct samples *out)
{
	samples_add(out, clock_seconds(w->last - w->first));
}

static void add_response(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, clock_seconds(x->response_start - x->request_end));
}

static void add_response_total(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, clock_seconds(x->response_end - x->request_start));
}

static void add_data_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, clock_seconds(x->data_gap));
}

static void add_think(const struct wire_connection *w, struct samples *out)
{
	for (size_t i = 1; i < w->nexchanges; i++)
		samples_add(out, clock_seconds(w->exchanges[i].request_start -
					       w->exchanges[i - 1].response_end));
}

static bool delay_counts(const struct ack_gap *g, enum dir data_dir)
{
	return g->data_dir == data_dir && g->pure && !g->resent;
}

static void add_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_DOWNSTREAM))
			samples_add(out, clock_seconds(g->gap));
}

static void add_upstream_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_UPSTREAM))
			samples_add(out, clock_seconds(g->gap));
}

static void add_longest_ack_delays(const struct wire_connection *w, struct samples *out)
{
	int64_t *longest = xcalloc(w->nexchanges, sizeof(*longest));

	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->exchange < w->nexchanges && delay_counts(g, DIR_DOWNSTREAM) &&
		    g->gap > longest[g->exchange])
			longest[g->exchange] = g->gap;
	for (size_t i = 0; i < w->nexchanges; i++)
		samples_add(out, clock_seconds(longest[i]));
	free(longest);
}

static void add_liberation(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->stall)
			samples_add(out, clock_seconds(g->liberated));
}

static void add_request_ack(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->request_acked)
			samples_add(out, clock_seconds(x->request_acked - x->request_end));
}

static void add_silence(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->silence)
			samples_add(out, clock_seconds(x->silence));
}

static void add_unanswered(const struct wire_connection *w, struct samples *out)
{
	if (w->unanswered)
		samples_add(out, clock_seconds(w->unanswered));
}

static void add_dropped_after(const struct wire_connection *w, struct samples *out)
{
	if (w->dropped_after)
		samples_add(out, clock_seconds(w->dropped_after));
}

static void add_reset_answer(const struct wire_connection *w, struct samples *out)
{
	if (w->reset_answers)
		samples_add(out, clock_seconds(w->reset_answer));
}

static void add_fin_ack(const struct wire_connection *w, struct samples *out)
{
	if (w->fin_acked[DIR_UPSTREAM])
		samples_add(out,
			    clock_seconds(w->fin_acked[DIR_UPSTREAM] - w->fin_at[DIR_UPSTREAM]));
}

static void add_fin_wait(const struct wire_connection *w, struct samples *out)
{
	if (w->client_closes)
		samples_add(out, clock_seconds(w->fin_wait));
}

static void add_resend_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < w->resends + w->nresends; r++)
		samples_add(out, clock_seconds(r->gap));
}

static void add_resend_ratio(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < w->resends + w->nresends; r++)
		if (r->before)
			samples_add(out, (double)r->gap / (double)r->before);
}

static double count_connection(const struct wire_connection *w)
{
	(void)w;
	return 1;
}

static double count_unreliable(const struct wire_connection *w)
{
	return w->unreliable;
}

static double count_exchanges(const struct wire_connection *w)
{
	return (double)w->nexchanges;
}

static double count_stalled_exchanges(const struct wire_connection *w)
{
	return (double)delayed_ack_stalled_exchanges(w);
}

static double count_truncated(const struct wire_connection *w)
{
	return w->truncated;
}

static double sum_connections(const struct analysis *a, uint16_t port,
			      double (*count)(const struct wire_connection *w))
{
	double sum = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			sum += count(&a->connections[i]);
	return sum;
}

/* Returns the time from the first selected connection's first packet to the last packet of all. */
static double measure_span(const struct analysis *a, uint16_t port)
{
	int64_t first = INT64_MAX, last = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		first = w->first < first ? w->first : first;
		last = w->last > last ? w->last : last;
	}
	return last > first ? clock_seconds(last - first) : 0;
}

static int compare_starts(const void *a, const void *b)
{
	const struct wire_period *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Returns the longest time in which none of the selected connections heard the server. */
static double measure_server_silence(const struct analysis *a, uint16_t port)
{
	struct wire_period *all = NULL;
	int64_t longest = 0, heard, last = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		all = xrealloc(all, n + w->nheard + 1, sizeof(*all));
		for (size_t k = 0; k < w->nheard; k++)
			all[n++] = w->heard[k];
		last = w->last > last ? w->last : last;
	}
	if (n)
		qsort(all, n, sizeof(*all), compare_starts);
	heard = n ? all[0].to : last;
	for (size_t i = 1; i < n; i++) {
		longest = all[i].from - heard > longest ? all[i].from - heard : longest;
		heard = all[i].to > heard ? all[i].to : heard;
	}
	longest = last - heard > longest ? last - heard : longest;
	free(all);
	return clock_seconds(longest);
}

static double measure_stall_share(const struct analysis *a, uint16_t port)
{
	double exchanges = sum_connections(a, port, count_exchanges);

	return exchanges > 0 ? sum_connections(a, port, count_stalled_exchanges) / exchanges : 0;
}

static double measure_stall_cv(const struct analysis *a, uint16_t port)
{
	struct samples gaps = {0};
	double cv;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			delayed_ack_stall_gaps(&a->connections[i], &gaps);
	cv = samples_cv(&gaps);
	samples_free(&gaps);
	return cv;
}

#define SAMPLES(fn) METRIC_SAMPLES, .samples = fn
#define SUM(fn)	    METRIC_SUM, .sum = fn
#define VALUE(fn)   METRIC_VALUE, .value = fn
#define FIELD(name) offsetof(struct wire_connection, name)
#define BOTH(name)  METRIC_COUNTER, .counter = {FIELD(name), DIR_UPSTREAM, DIR_DOWNSTREAM}
#define UP(name)    METRIC_COUNTER, .counter = {FIELD(name), DIR_UPSTREAM, DIR_UPSTREAM}
#define DOWN(name)  METRIC_COUNTER, .counter = {FIELD(name), DIR_DOWNSTREAM, DIR_DOWNSTREAM}

const struct wire_metric wire_metrics[] = {
    {"connections", "count", "connections", SUM(count_connection)},
    {"unreliable", "count", "connections in which the capture itself is faulty (R0)",
     SUM(count_unreliable)},
    {"exchanges", "count", "requests, with or without a response", SUM(count_exchanges)},
    {"handshake", "s", "SYN to the client's ACK of the SYN-ACK, per connection",
     SAMPLES(add_handshake)},
    {"duration", "s", "first to last packet, per connection", SAMPLES(add_duration)},
    {"span", "s", "first packet of the first to last packet of the last connection",
     VALUE(measure_span)},
    {"response", "s", "last request byte to first response byte, per exchange",
     SAMPLES(add_response)},
    {"response_total", "s", "first request byte to last response byte, per exchange",
     SAMPLES(add_response_total)},
    {"data_gap", "s", "longest wait between two data segments of a response, per exchange",
     SAMPLES(add_data_gap)},
    {"think", "s", "last response byte to first byte of the next request", SAMPLES(add_think)},
    {"ack_delay", "s", "downstream data to the pure ACK that first covers it",
     SAMPLES(add_ack_delay)},
    {"ack_delay_max_per_exchange", "s",
     "longest ack_delay in each exchange; 0 where no pure ACK covered its response",
     SAMPLES(add_longest_ack_delays)},
    {"upstream_ack_delay", "s", "upstream data to the pure ACK that first covers it",
     SAMPLES(add_upstream_ack_delay)},
    {"stall", "s", "ack_delay, either direction, of delayed-ACK stalls (R4)",
     SAMPLES(delayed_ack_stall_gaps)},
    {"liberation", "s", "ACK that ends a stall (R4) to the data that it set free",
     SAMPLES(add_liberation)},
    {"stalled_exchanges", "count", "exchanges with at least one stall (R4)",
     SUM(count_stalled_exchanges)},
    {"stall_share", "ratio", "stalled_exchanges / exchanges; 0 without exchanges",
     VALUE(measure_stall_share)},
    {"stall_cv", "ratio", "variation of stall: deviation / mean; no sample below 2 stalls",
     VALUE(measure_stall_cv)},
    {"request_ack", "s", "last request byte to its acknowledgement, per exchange that got it",
     SAMPLES(add_request_ack)},
    {"unanswered", "s",
     "acknowledged request to the first FIN, RST or the end of the capture, per connection without "
     "a byte from the server (R3)",
     SAMPLES(add_unanswered)},
    {"dropped_after", "s",
     "SYN to the server's FIN or RST within 1 s, per connection without a byte from it (R3)",
     SAMPLES(add_dropped_after)},
    {"silence", "s", "how long a response stopped in its middle, with all of it acknowledged (R9)",
     SAMPLES(add_silence)},
    {"truncated", "count", "connections that the server ended inside a response (R10)",
     SUM(count_truncated)},
    {"reset_answer", "s",
     "segment of the client to the RST of an end that doesn't know the connection (R16)",
     SAMPLES(add_reset_answer)},
    {"fin_ack", "s", "the client's FIN to its acknowledgement", SAMPLES(add_fin_ack)},
    {"fin_wait", "s",
     "the client's FIN to the server's FIN or RST, or the end of the capture (R17)",
     SAMPLES(add_fin_wait)},
    {"resend_gap", "s", "from one sending of a segment to the next", SAMPLES(add_resend_gap)},
    {"resend_ratio", "ratio", "a resend_gap to the one before it, of the same segment",
     SAMPLES(add_resend_ratio)},
    {"server_silence", "s",
     "longest time without a packet from the server, all connections together, up to the last "
     "packet of a client",
     VALUE(measure_server_silence)},
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
	case METRIC_COUNTER:
		value = sum_counters(a, port, &m->counter);
		break;
	case METRIC_SUM:
		value = sum_connections(a, port, m->sum);
		break;
	case METRIC_VALUE:
		value = m->value(a, port);
		break;
	}
	if (!isnan(value))
		samples_add(out, value);
}
