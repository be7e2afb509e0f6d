/* wire_values.c - walks over the selected connections. */
#include "scenarios/analysis/wire_values.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/delayed_ack_verdict.h"
#include "scenarios/analysis/wire_samples.h"

#include <math.h>

double wire_count_connection(const struct wire_connection *w)
{
	(void)w;
	return 1;
}

double wire_count_unreliable(const struct wire_connection *w)
{
	return w->unreliable;
}

double wire_count_exchanges(const struct wire_connection *w)
{
	return (double)w->nexchanges;
}

double wire_count_stalled_exchanges(const struct wire_connection *w)
{
	return (double)delayed_ack_stalled_exchanges(w);
}

double wire_count_truncated(const struct wire_connection *w)
{
	return w->truncated;
}

double wire_count_syn_retries(const struct wire_connection *w)
{
	return w->syns[DIR_UPSTREAM] ? (double)w->syns[DIR_UPSTREAM] - 1 : 0;
}

double wire_count_reused(const struct wire_connection *w)
{
	return w->reused;
}

double wire_sum_connections(const struct analysis *a, uint16_t port,
			    double (*count)(const struct wire_connection *w))
{
	double sum = 0;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			sum += count(&a->connections[i]);
	return sum;
}

/* Finds the first and the last packet of the selected connections. false: there is none. */
static bool find_span(const struct analysis *a, uint16_t port, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = 0;
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		*first = w->first < *first ? w->first : *first;
		*last = w->last > *last ? w->last : *last;
	}
	return *last > 0;
}

double wire_measure_span(const struct analysis *a, uint16_t port)
{
	int64_t first, last;

	return find_span(a, port, &first, &last) ? clock_seconds(last - first) : NAN;
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Returns the times of all packets of the selected connections' server, in order, with room for two
 * more. */
static int64_t *gather_server_times(const struct analysis *a, uint16_t port, size_t *n)
{
	int64_t *all = NULL;

	*n = 0;
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		all = xrealloc(all, *n + w->nsent[DIR_DOWNSTREAM] + 2, sizeof(*all));
		for (size_t k = 0; k < w->nsent[DIR_DOWNSTREAM]; k++)
			all[(*n)++] = w->sent_at[DIR_DOWNSTREAM][k];
	}
	return all;
}

double wire_measure_server_silence(const struct analysis *a, uint16_t port)
{
	int64_t first, last, longest = 0;
	int64_t *all;
	size_t n;

	if (!find_span(a, port, &first, &last) || last == first)
		return NAN;
	all = gather_server_times(a, port, &n);
	all[n++] = first;
	all[n++] = last;
	qsort(all, n, sizeof(*all), compare_times);
	for (size_t i = 1; i < n; i++)
		longest = all[i] - all[i - 1] > longest ? all[i] - all[i - 1] : longest;
	free(all);
	return clock_seconds(longest);
}

double wire_measure_stall_share(const struct analysis *a, uint16_t port)
{
	double exchanges = wire_sum_connections(a, port, wire_count_exchanges);

	return exchanges > 0
		   ? wire_sum_connections(a, port, wire_count_stalled_exchanges) / exchanges
		   : NAN;
}

double wire_measure_stall_cv(const struct analysis *a, uint16_t port)
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

double wire_measure_flight_unscaled_share(const struct analysis *a, uint16_t port)
{
	struct samples all = {0};
	double inside = 0, share;

	for (size_t i = 0; i < a->nconnections; i++)
		if (wire_connection_at_port(&a->connections[i], port))
			wire_add_flight_unscaled(&a->connections[i], &all);
	for (size_t i = 0; i < all.n; i++)
		inside += all.v[i] <= 1;
	share = all.n ? inside / (double)all.n : NAN;
	samples_free(&all);
	return share;
}
