/* wire_metrics.c - figures out of an analysis: named metrics as lists of samples over the
 * connections of a server port. Judges nothing. */
#include "scenarios/analysis/metrics_lists.h"

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
    {"request_ack", "s", true,
     "last request byte to its acknowledgement, per exchange that got it"},
    {"unanswered", "s", true,
     "acknowledged request to the first FIN, RST or the end of the capture, per connection without "
     "a "
     "byte from the server (R3)"},
    {"dropped_after", "s", true,
     "SYN to the server's FIN or RST within 1 s, per connection without a byte from it (R3)"},
    {"silence", "s", true,
     "how long a response stopped in its middle, with all of it acknowledged (R9)"},
    {"truncated", "count", false, "connections that the server ended inside a response (R10)"},
    {"reset_answer", "s", true,
     "segment of the client to the RST of an end that doesn't know the connection (R16)"},
    {"fin_ack", "s", true, "the client's FIN to its acknowledgement"},
    {"fin_wait", "s", true,
     "the client's FIN to the server's FIN or RST, or the end of the capture (R17)"},
    {"resend_gap", "s", true, "from one sending of a segment to the next"},
    {"resend_ratio", "ratio", true, "a resend_gap to the one before it, of the same segment"},
    {"server_silence", "s", false,
     "longest time without a packet from the server, all connections together, up to the last "
     "packet "
     "of a client"},
    {"retransmissions", "count", false, "segments that were sent again"},
    {"out_of_order", "count", false, "segments that came late, but were not sent again"},
    {"duplicate_acks", "count", false, "duplicate ACKs"},
    {"zero_windows", "count", false, "segments that close the window"},
    {"syns", "count", false, "segments with SYN"},
    {"fins", "count", false, "segments with FIN"},
    {"resets", "count", false, "segments with RST"},
    {"upstream_syns", "count", false, "segments with SYN from the client"},
    {"upstream_fins", "count", false, "segments with FIN from the client"},
    {"downstream_fins", "count", false, "segments with FIN from the server"},
    {"upstream_resets", "count", false, "segments with RST from the client"},
    {"downstream_resets", "count", false, "segments with RST from the server"},
    {"downstream_zero_windows", "count", false, "segments by which the server closes its window"},
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
    ONE("upstream_syns", syns, DIR_UPSTREAM),
    ONE("upstream_fins", fins, DIR_UPSTREAM),
    ONE("downstream_fins", fins, DIR_DOWNSTREAM),
    ONE("upstream_resets", resets, DIR_UPSTREAM),
    ONE("downstream_resets", resets, DIR_DOWNSTREAM),
    ONE("downstream_zero_windows", zero_windows, DIR_DOWNSTREAM),
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

static int by_start(const void *a, const void *b)
{
	const struct wire_period *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* The longest time in which none of the selected connections heard the server, seconds. */
static double server_silence(const struct analysis *a, uint16_t port)
{
	struct wire_period *all = NULL;
	int64_t longest = 0, heard, last = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!selected(w, port))
			continue;
		all = xrealloc(all, n + w->nheard + 1, sizeof(*all));
		for (size_t k = 0; k < w->nheard; k++)
			all[n++] = w->heard[k];
		last = w->last > last ? w->last : last;
	}
	if (n)
		qsort(all, n, sizeof(*all), by_start);
	heard = n ? all[0].to : last;
	for (size_t i = 1; i < n; i++) {
		longest = all[i].from - heard > longest ? all[i].from - heard : longest;
		heard = all[i].to > heard ? all[i].to : heard;
	}
	longest = last - heard > longest ? last - heard : longest;
	free(all);
	return seconds(longest);
}

static double count_truncated(const struct analysis *a, uint16_t port)
{
	double n = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		n += selected(&a->connections[i], port) && a->connections[i].truncated;
	return n;
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
	else if (!strcmp(name, "server_silence"))
		*value = server_silence(a, port);
	else if (!strcmp(name, "truncated"))
		*value = count_truncated(a, port);
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
	metric_list_fn *add = metric_list_find(name);
	double value = 0;

	if (add) {
		for (size_t i = 0; i < a->nconnections; i++)
			if (selected(&a->connections[i], port))
				add(&a->connections[i], out);
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
