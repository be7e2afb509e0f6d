/* resets_together.c - the RSTs in order of time, burst by burst. */
#include "scenarios/analysis/resets_together.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#define TOGETHER (100 * NS_PER_MS) /* from the first RST of a burst to its last */
#define LEAST	 5

/* Returns when the server reset the connection, which was open until then; 0: it didn't. */
static int64_t reset_at(const struct wire_connection *w)
{
	int64_t at = w->rst_at[DIR_DOWNSTREAM];

	if (!w->handshake_ack || !at)
		return 0;
	for (int d = 0; d < DIR_COUNT; d++)
		if ((w->fin_at[d] && w->fin_at[d] < at) || (w->rst_at[d] && w->rst_at[d] < at))
			return 0;
	return at;
}

/* Returns whether the handshake was complete at that time, and no end had come. */
static bool is_open_at(const struct wire_connection *w, int64_t at)
{
	if (!w->handshake_ack || w->handshake_ack > at || w->last < at)
		return false;
	for (int d = 0; d < DIR_COUNT; d++)
		if ((w->fin_at[d] && w->fin_at[d] < at) || (w->rst_at[d] && w->rst_at[d] < at))
			return false;
	return true;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Adds the share of a burst that begins then. */
static void add_burst(const struct analysis *a, uint16_t port, int64_t from, struct samples *out)
{
	double open = 0, reset = 0;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];
		int64_t at = reset_at(w);

		if (!wire_connection_at_port(w, port) || !is_open_at(w, from))
			continue;
		open++;
		reset += at >= from && at - from <= TOGETHER;
	}
	if (reset >= LEAST)
		samples_add_at(out, reset / open, from);
}

void resets_together_add(const struct analysis *a, uint16_t port, struct samples *out)
{
	int64_t *at = xcalloc(a->nconnections + 1, sizeof(*at));
	size_t n = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port) &&
		    reset_at(&a->connections[i]))
			at[n++] = reset_at(&a->connections[i]);
	qsort(at, n, sizeof(*at), compare_times);
	for (size_t i = 0; i < n;) {
		int64_t from = at[i];

		add_burst(a, port, from, out);
		while (i < n && at[i] - from <= TOGETHER)
			i++;
	}
	free(at);
}
