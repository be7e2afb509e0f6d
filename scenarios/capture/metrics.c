/* metrics.c - figures out of an analysis: named metrics as lists of samples over the connections of
 * a server port. Judges nothing. */
#include "scenarios/capture/analysis.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

const struct wire_metric wire_metrics[] = {
    {"connections", "count", false, "connections"},
    {"unreliable", "count", false, "connections in which the capture itself is faulty (R0)"},
    {"exchanges", "count", false, "requests, with or without a response"},
    {"handshake", "s", true, "SYN to the client's ACK of the SYN-ACK, per connection"},
    {"duration", "s", true, "first to last packet, per connection"},
    {"span", "s", false, "first packet of the first to last packet of the last connection"},
    {"response", "s", true, "last request byte to first response byte, per exchange"},
    {"response_total", "s", true, "first request byte to last response byte, per exchange"},
    {"data_gap", "s", true, "longest wait between two data segments of a response, per exchange"},
    {"think", "s", true, "last response byte to first byte of the next request"},
    {"ack_delay", "s", true, "downstream data to the pure ACK that first covers it"},
    {"ack_delay_max_per_exchange", "s", true,
     "longest ack_delay in each exchange; 0 where no pure ACK covered its response"},
    {"upstream_ack_delay", "s", true, "upstream data to the pure ACK that first covers it"},
    {"stall", "s", true, "ack_delay, either direction, of delayed-ACK stalls (R4)"},
    {"liberation", "s", true, "ACK that ends a stall (R4) to the data that it set free"},
    {"stalled_exchanges", "count", false, "exchanges with at least one stall (R4)"},
    {"stall_share", "ratio", false, "stalled_exchanges / exchanges; 0 without exchanges"},
    {"stall_cv", "ratio", false, "variation of stall: deviation / mean; no sample below 2 stalls"},
    {"retransmissions", "count", false, "segments that were sent again"},
    {"out_of_order", "count", false, "segments that came late, but were not sent again"},
    {"duplicate_acks", "count", false, "duplicate ACKs"},
    {"zero_windows", "count", false, "segments that close the window"},
    {"syns", "count", false, "segments with SYN"},
    {"fins", "count", false, "segments with FIN"},
    {"resets", "count", false, "segments with RST"},
    {"data_bytes", "bytes", false, "payload, both directions, without what was sent again"},
    {"upstream_bytes", "bytes", false, "payload from the client, without what was sent again"},
    {"downstream_bytes", "bytes", false, "payload from the server, without what was sent again"},
    {"upstream_segments", "count", false, "segments with payload from the client"},
    {"downstream_segments", "count", false, "segments with payload from the server"},
    {"upstream_pure_acks", "count", false, "pure ACKs from the client (of downstream data)"},
    {"downstream_pure_acks", "count", false, "pure ACKs from the server (of upstream data)"},
    {0},
};

/* Counters that are a field of struct wire_connection, summed over the directions first to last. */
static const struct counter {
	const char *name;
	size_t offset;
	enum dir first, last;
} counters[] = {
#define BOTH(name, field)                                                                          \
	{                                                                                          \
		name, offsetof(struct wire_connection, field), DIR_UPSTREAM, DIR_DOWNSTREAM        \
	}
#define ONE(name, field, dir)                                                                      \
	{                                                                                          \
		name, offsetof(struct wire_connection, field), dir, dir                            \
	}
    BOTH("retransmissions", retransmissions),
    BOTH("out_of_order", out_of_order),
    BOTH("duplicate_acks", duplicate_acks),
    BOTH("zero_windows", zero_windows),
    BOTH("syns", syns),
    BOTH("fins", fins),
    BOTH("resets", resets),
    BOTH("data_bytes", data_bytes),
    ONE("upstream_bytes", data_bytes, DIR_UPSTREAM),
    ONE("downstream_bytes", data_bytes, DIR_DOWNSTREAM),
    ONE("upstream_segments", data_segments, DIR_UPSTREAM),
    ONE("downstream_segments", data_segments, DIR_DOWNSTREAM),
    ONE("upstream_pure_acks", pure_acks, DIR_UPSTREAM),
    ONE("downstream_pure_acks", pure_acks, DIR_DOWNSTREAM),
#undef BOTH
#undef ONE
};

static double counter_sum(const struct wire_connection *w, const struct counter *k)
{
	const uint64_t *field = (const uint64_t *)(const void *)((const char *)w + k->offset);
	double sum = 0;

	for (int d = (int)k->first; d <= (int)k->last; d++)
		sum += (double)field[d];
	return sum;
}

static double seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

/* Metrics that are a list: each adds the samples of one connection. */
static void add_handshake(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && w->handshake_ack)
		samples_add(out, seconds(w->handshake_ack - w->syn));
}

static void add_duration(const struct wire_connection *w, struct samples *out)
{
	samples_add(out, seconds(w->last - w->first));
}

static void add_response(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->response_start - x->request_end));
}

static void add_response_total(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->response_end - x->request_start));
}

static void add_data_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->data_gap));
}

static void add_think(const struct wire_connection *w, struct samples *out)
{
	for (size_t i = 1; i < w->nexchanges; i++)
		samples_add(
		    out, seconds(w->exchanges[i].request_start - w->exchanges[i - 1].response_end));
}

static bool delay_counts(const struct ack_gap *g, enum dir data_dir)
{
	return g->data_dir == data_dir && g->pure && !g->resent;
}

static void add_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_DOWNSTREAM))
			samples_add(out, seconds(g->gap));
}

static void add_upstream_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_UPSTREAM))
			samples_add(out, seconds(g->gap));
}

static void add_ack_delay_max(const struct wire_connection *w, struct samples *out)
{
	int64_t *longest = xcalloc(w->nexchanges, sizeof(*longest));

	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->exchange < w->nexchanges && delay_counts(g, DIR_DOWNSTREAM) &&
		    g->gap > longest[g->exchange])
			longest[g->exchange] = g->gap;
	for (size_t i = 0; i < w->nexchanges; i++)
		samples_add(out, seconds(longest[i]));
	free(longest);
}

static void add_stall(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->stall)
			samples_add(out, seconds(g->gap));
}

static void add_liberation(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->stall)
			samples_add(out, seconds(g->liberated));
}

static const struct {
	const char *name;
	void (*add)(const struct wire_connection *w, struct samples *out);
} lists[] = {
    {"handshake", add_handshake},
    {"duration", add_duration},
    {"response", add_response},
    {"response_total", add_response_total},
    {"data_gap", add_data_gap},
    {"think", add_think},
    {"ack_delay", add_ack_delay},
    {"ack_delay_max_per_exchange", add_ack_delay_max},
    {"upstream_ack_delay", add_upstream_ack_delay},
    {"stall", add_stall},
    {"liberation", add_liberation},
};

static bool selected(const struct wire_connection *w, uint16_t port)
{
	return !port || addr_port(&w->server) == port;
}

/* First packet of the first to last packet of the last selected connection, seconds. */
static double span(const struct analysis *a, uint16_t port)
{
	int64_t first = INT64_MAX, last = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!selected(w, port))
			continue;
		first = w->first < first ? w->first : first;
		last = w->last > last ? w->last : last;
	}
	return last > first ? seconds(last - first) : 0;
}

static double count_connections(const struct analysis *a, uint16_t port)
{
	double n = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		n += selected(&a->connections[i], port);
	return n;
}

/* Metrics that are one value over all selected connections. */
static bool single_value(const struct analysis *a, uint16_t port, const char *name, double *value)
{
	struct delayed_ack_verdict v;

	analysis_delayed_ack(a, port, &v);
	if (!strcmp(name, "connections"))
		*value = count_connections(a, port);
	else if (!strcmp(name, "span"))
		*value = span(a, port);
	else if (!strcmp(name, "unreliable"))
		*value = (double)v.unreliable;
	else if (!strcmp(name, "exchanges"))
		*value = (double)v.exchanges;
	else if (!strcmp(name, "stalled_exchanges"))
		*value = (double)v.stalled_exchanges;
	else if (!strcmp(name, "stall_share"))
		*value = v.share;
	else if (!strcmp(name, "stall_cv"))
		*value = v.cv;
	else
		return false;
	return true;
}

int analysis_metric(const struct analysis *a, uint16_t port, const char *name, struct samples *out)
{
	double value = 0;

	for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
		if (strcmp(lists[k].name, name) != 0)
			continue;
		for (size_t i = 0; i < a->nconnections; i++)
			if (selected(&a->connections[i], port))
				lists[k].add(&a->connections[i], out);
		return 0;
	}
	for (size_t k = 0; k < ARRAY_LEN(counters); k++) {
		if (strcmp(counters[k].name, name) != 0)
			continue;
		for (size_t i = 0; i < a->nconnections; i++)
			if (selected(&a->connections[i], port))
				value += counter_sum(&a->connections[i], &counters[k]);
		samples_add(out, value);
		return 0;
	}
	if (!single_value(a, port, name, &value))
		return -1;
	if (!isnan(value))
		samples_add(out, value);
	return 0;
}
