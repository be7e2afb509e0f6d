/* vantage_table.c - from the outside inward: the client's program, its wire, the server's wire, the
 * server's program; each is looked for within the one before that has a figure. */
#include "scenarios/run/vantage_table.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/run/app_exchange.h"
#include "scenarios/run/select_connections.h"
#include "scenarios/run/span_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK	  (200 * NS_PER_US) /* between a program's clock and a packet's stamp */
#define TRIED_MAX 200		    /* exchanges, of which the first that can be told is taken */

struct spans {
	struct span *list;
	size_t n, room;
	bool *ok; /* of programs: the exchange succeeded */
};

static void add_span(struct spans *s, struct span span, bool ok)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->list = xrealloc(s->list, s->room, sizeof(*s->list));
		s->ok = xrealloc(s->ok, s->room, sizeof(*s->ok));
	}
	s->ok[s->n] = ok;
	s->list[s->n++] = span;
}

static void free_spans(struct spans *s)
{
	free(s->list);
	free(s->ok);
}

static void gather_program(const struct phase_data *d, bool server, struct spans *out)
{
	for (size_t i = 0; i < d->nends; i++) {
		const struct end_data *end = &d->ends[i];
		/* Added as integers: a double of today's seconds is a quarter of a microsecond
		 * coarse. */
		int64_t wall = clock_from_seconds(
		    json_number_value(json_object_get(end->result, "wall_minus_monotonic")));
		size_t k;
		json_t *x;

		if (end->traffic != 0 || end->is_server != server)
			continue;
		json_array_foreach(json_object_get(end->result, "exchanges"), k, x)
		{
			double to = app_exchange_column(x, COL_END);
			struct span s = {
			    .from = clock_from_seconds(app_exchange_column(x, COL_START)) + wall,
			    .to = to > 0 ? clock_from_seconds(to) + wall : 0,
			    .bytes = (uint64_t)app_exchange_column(x, COL_BYTES),
			};

			add_span(out, s, app_exchange_column(x, COL_OK) != 0);
		}
	}
}

static void gather_wire(const struct phase_data *d, enum leg leg, struct spans *out)
{
	struct selector main_traffic = {.traffic = 0, .host = SELECTOR_ANY};
	struct analysis a;

	select_connections(d, leg, &main_traffic, &a);
	for (size_t i = 0; i < a.nconnections; i++)
		for (size_t k = 0; k < a.connections[i].nexchanges; k++) {
			const struct wire_exchange *x = &a.connections[i].exchanges[k];

			add_span(
			    out,
			    (struct span){x->request_start, x->response_end, x->response_bytes},
			    x->response_end != 0);
		}
	free(a.connections);
}

static void set_place(struct result_transaction *t, enum vantage where, const struct span *s,
		      bool ok)
{
	t->at[where] = (struct result_span){
	    .state = ok ? SPAN_ANSWERED : SPAN_UNANSWERED,
	    .seconds = s->to ? clock_seconds(s->to - s->from) : NAN,
	    .bytes = s->bytes,
	};
}

/* Looks for outer, which the place from has seen. */
static bool find_within(const struct spans *all, enum vantage where, enum vantage from,
			const struct span *outer, struct result_transaction *t, struct span *out)
{
	const struct span_list inners = {all[where].list, all[where].n};
	const struct span_list outers = {all[from].list, all[from].n};

	switch (span_find(&inners, &outers, outer, SLACK, out)) {
	case SPAN_FOUND:
		set_place(t, where, out, out->to != 0);
		return true;
	case SPAN_AMBIGUOUS:
		t->at[where].state = SPAN_NOT_TOLD;
		return false;
	default:
		t->at[where].state = inners.n ? SPAN_NOT_SEEN : SPAN_NOT_MEASURED;
		return false;
	}
}

/* Returns how many places, from the outside, have their figure or none to be had, before the first
 * where several can be meant. */
static int fill_transaction(const struct spans *all, size_t exchange, struct result_transaction *t)
{
	struct span outer = all[VANTAGE_CLIENT_APP].list[exchange], inner;
	enum vantage from = VANTAGE_CLIENT_APP;
	int told = 0;

	for (int i = 0; i < VANTAGE_COUNT; i++)
		t->at[i] = (struct result_span){.state = SPAN_NOT_TOLD, .seconds = NAN};
	t->exchange = exchange + 1;
	t->exchanges = all[VANTAGE_CLIENT_APP].n;
	t->ok = all[VANTAGE_CLIENT_APP].ok[exchange];
	set_place(t, VANTAGE_CLIENT_APP, &outer, t->ok);
	if (!t->ok && outer.to == 0)
		t->at[VANTAGE_CLIENT_APP].state = SPAN_UNANSWERED;
	for (int i = VANTAGE_CLIENT_WIRE; i < VANTAGE_COUNT; i++) {
		if (!find_within(all, (enum vantage)i, from, &outer, t, &inner))
			continue;
		outer = inner;
		from = (enum vantage)i;
	}
	while (told < VANTAGE_COUNT && t->at[told].state != SPAN_NOT_TOLD)
		told++;
	return told;
}

/* Only where the whole transaction was answered at both places is their difference anybody's. */
static double subtract_places(const struct result_transaction *t, enum vantage outer,
			      enum vantage inner)
{
	if (!t->ok || t->at[outer].state != SPAN_ANSWERED || t->at[inner].state != SPAN_ANSWERED)
		return NAN;
	return t->at[outer].seconds - t->at[inner].seconds;
}

static void attribute_time(struct result_transaction *t)
{
	t->client_host = subtract_places(t, VANTAGE_CLIENT_APP, VANTAGE_CLIENT_WIRE);
	t->between = subtract_places(t, VANTAGE_CLIENT_WIRE, VANTAGE_SERVER_WIRE);
	t->server_host = subtract_places(t, VANTAGE_SERVER_WIRE, VANTAGE_SERVER_APP);
	t->server_app = t->at[VANTAGE_SERVER_APP].state == SPAN_ANSWERED
			    ? t->at[VANTAGE_SERVER_APP].seconds
			    : NAN;
}

struct rank {
	size_t exchange;
	bool ok;
	int64_t lasted;
};

/* Failed ones first, then the longest. */
static int by_badness(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->ok != y->ok)
		return x->ok ? 1 : -1;
	if (x->lasted != y->lasted)
		return x->lasted < y->lasted ? 1 : -1;
	return (x->exchange > y->exchange) - (x->exchange < y->exchange);
}

static struct rank *rank_exchanges(const struct spans *s)
{
	struct rank *list = xcalloc(s->n + 1, sizeof(*list));

	for (size_t i = 0; i < s->n; i++)
		list[i] = (struct rank){i, s->ok[i], s->list[i].to - s->list[i].from};
	qsort(list, s->n, sizeof(*list), by_badness);
	return list;
}

/* Finds the first of the ranked exchanges from first on that is told at so many places; n: none. */
static size_t find_told(const struct spans *all, const struct rank *list, size_t first, size_t n,
			int places)
{
	struct result_transaction t;

	for (size_t i = first; i < n && i < first + TRIED_MAX; i++)
		if (fill_transaction(all, list[i].exchange, &t) >= places)
			return i;
	return n;
}

/* A failed exchange that is told as far as the server's wire is worth more than one that succeeded.
 */
static void choose_transaction(const struct spans *all, struct result_transaction *t)
{
	size_t n = all[VANTAGE_CLIENT_APP].n, failed = 0, found;
	struct rank *list = rank_exchanges(&all[VANTAGE_CLIENT_APP]);

	while (failed < n && !list[failed].ok)
		failed++;
	found = find_told(all, list, 0, failed, VANTAGE_COUNT);
	if (found == failed)
		found = find_told(all, list, 0, failed, VANTAGE_SERVER_WIRE + 1);
	if (found == failed)
		found = find_told(all, list, failed, n, VANTAGE_COUNT);
	if (n)
		fill_transaction(all, list[found < n ? found : 0].exchange, t);
	t->worse = found < n ? found : 0;
	free(list);
}

static void fill_phase(const struct phase_data *d, struct result_transaction *t)
{
	struct spans all[VANTAGE_COUNT] = {{0}};

	gather_program(d, false, &all[VANTAGE_CLIENT_APP]);
	gather_wire(d, LEG_CLIENT, &all[VANTAGE_CLIENT_WIRE]);
	gather_wire(d, LEG_SERVER, &all[VANTAGE_SERVER_WIRE]);
	gather_program(d, true, &all[VANTAGE_SERVER_APP]);
	choose_transaction(all, t);
	attribute_time(t);
	for (int i = 0; i < VANTAGE_COUNT; i++)
		free_spans(&all[i]);
}

void vantage_table_fill(struct result *r, const struct measured *m)
{
	r->transactions = xcalloc(m->n + 1, sizeof(*r->transactions));
	for (size_t i = 0; i < m->n; i++)
		fill_phase(m->phases[i], &r->transactions[i]);
}
