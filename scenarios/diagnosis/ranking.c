/* ranking.c - a sorted list: an insertion moves what is behind it. */
#include "scenarios/diagnosis/ranking.h"

#include "proxy/base/mem.h"

#include <string.h>

void ranking_init(struct ranking *r, size_t max)
{
	r->n = 0;
	r->max = max;
	r->list = xcalloc(max + 1, sizeof(*r->list));
}

void ranking_take(struct ranking *r, const struct wire_connection *w, struct tallies *t,
		  int64_t begin, int64_t end)
{
	struct ranked x = {.begin = begin, .end = end, .lost = tallies_lost(t)};
	size_t at = r->n;

	while (at > 0 && r->list[at - 1].lost < x.lost)
		at--;
	if (at == r->max)
		return;
	x.wire = *w;
	x.wire.exchanges = NULL;
	x.wire.acks = NULL;
	x.wire.resends = NULL;
	x.wire.silences = NULL;
	x.wire.flights = NULL;
	for (int d = 0; d < DIR_COUNT; d++)
		x.wire.sent_at[d] = NULL;
	x.tallies = *t;
	*t = (struct tallies){{NULL}};
	memmove(r->list + at + 1, r->list + at, (r->n - at) * sizeof(*r->list));
	r->list[at] = x;
	if (r->n == r->max)
		tallies_fini(&r->list[r->n].tallies);
	else
		r->n++;
}

void ranking_fini(struct ranking *r)
{
	for (size_t i = 0; i < r->n; i++)
		tallies_fini(&r->list[i].tallies);
	free(r->list);
	r->list = NULL;
	r->n = 0;
}
