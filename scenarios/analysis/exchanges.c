/* exchanges.c - an upstream byte behind a response begins the next exchange. */
#include "scenarios/analysis/exchanges.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#define BURST NS_PER_MS

static struct wire_exchange *begin_exchange(struct connection *c, int64_t at)
{
	struct wire_connection *w = &c->wire;
	struct wire_exchange *x;

	if (!w->exchanges || (c->keeps_lists && w->nexchanges == c->exchange_room)) {
		c->exchange_room = c->exchange_room ? c->exchange_room * 2 : 4;
		w->exchanges = xrealloc(w->exchanges, c->exchange_room, sizeof(*w->exchanges));
	}
	w->nexchanges++;
	x = connection_current_exchange(c);
	*x = (struct wire_exchange){.request_start = at};
	return x;
}

static void take_first_answer(struct wire_first_answer *a, const struct wire_exchange *x,
			      int64_t at, uint64_t bytes)
{
	a->wait = x->response_start - x->request_end;
	a->lasted = at - x->response_start;
	a->bytes += bytes;
	if (a->lasted <= BURST)
		a->burst += bytes;
}

void exchange_take_data(struct connection *c, enum dir dir, int64_t at, uint64_t bytes)
{
	struct wire_exchange *x = connection_current_exchange(c);

	if (dir == DIR_UPSTREAM) {
		if (!x || x->response_bytes)
			x = begin_exchange(c, at);
		x->request_end = at;
		x->request_bytes += bytes;
		return;
	}
	if (!x)
		return;
	if (!x->response_bytes)
		x->response_start = at;
	else if (at - x->response_end > x->data_gap)
		x->data_gap = at - x->response_end;
	x->response_end = at;
	x->response_bytes += bytes;
	x->response_segments++;
	if (c->wire.nexchanges == 1)
		take_first_answer(&c->wire.first_answer, x, at, bytes);
}
