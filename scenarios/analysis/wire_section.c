/* wire_section.c - a capture that has only that part is made, with lists borrowed where they can
 * be: exchanges are in the order of time. */
#include "scenarios/analysis/wire_section.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Metrics whose figures are those of exchanges. */
static const char *const of_exchanges[] = {
    "response",
    "response_total",
    "data_gap",
    "think",
    "ack_delay",
    "ack_delay_max_per_exchange",
    "liberation",
    "upstream_ack_delay",
    "stall",
    "request_ack",
    "silence",
    "exchanges",
    "stall_share",
    "stall_cv",
    "stalled_exchanges",
};

static bool is_of_exchanges(const struct wire_metric *m)
{
	for (size_t i = 0; i < ARRAY_LEN(of_exchanges); i++)
		if (strcmp(of_exchanges[i], m->name) == 0)
			return true;
	return false;
}

bool wire_metric_has_parts(const struct wire_metric *m)
{
	return m->kind != METRIC_VALUE || is_of_exchanges(m);
}

/* Leaves the exchanges whose request began in the time, and their ACKs; w->acks becomes a list of
 * its own. */
static void keep_exchanges(struct wire_connection *w, int64_t from, int64_t to)
{
	const struct ack_gap *acks = w->acks;
	size_t first = 0, end, nacks = w->nacks;

	while (first < w->nexchanges && w->exchanges[first].request_start < from)
		first++;
	for (end = first; end < w->nexchanges && w->exchanges[end].request_start < to; end++)
		continue;
	w->exchanges += first;
	w->nexchanges = end - first;
	w->acks = xcalloc(nacks + 1, sizeof(*w->acks));
	w->nacks = 0;
	for (size_t i = 0; i < nacks; i++) {
		if (acks[i].exchange < first || acks[i].exchange >= end)
			continue;
		w->acks[w->nacks] = acks[i];
		w->acks[w->nacks++].exchange -= (uint32_t)first;
	}
}

/* Adds those of the metric's samples that began in the time. */
static void add_timed(const struct wire_metric *m, const struct analysis *a, uint16_t port,
		      int64_t from, int64_t to, struct samples *out)
{
	struct samples all = {0};

	wire_metric_add_samples(m, a, port, &all);
	for (size_t i = 0; i < all.n; i++)
		if (all.at[i] >= from && all.at[i] < to)
			samples_add_at(out, all.v[i], all.at[i]);
	samples_free(&all);
}

void wire_metric_add_part(const struct wire_metric *m, const struct analysis *a, uint16_t port,
			  int64_t from, int64_t to, struct samples *out)
{
	struct analysis part = *a;
	bool exchanges = is_of_exchanges(m);

	if (wire_metric_is_sampled(m) && !exchanges) {
		add_timed(m, a, port, from, to, out);
		return;
	}
	part.connections = xcalloc(a->nconnections + 1, sizeof(*part.connections));
	part.nconnections = 0;
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!exchanges && (w->first < from || w->first >= to))
			continue;
		part.connections[part.nconnections++] = *w;
		if (exchanges)
			keep_exchanges(&part.connections[part.nconnections - 1], from, to);
	}
	wire_metric_add_samples(m, &part, port, out);
	for (size_t i = 0; exchanges && i < part.nconnections; i++)
		free(part.connections[i].acks);
	free(part.connections);
}
