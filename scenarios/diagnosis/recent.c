/* recent.c - a ring that is made with its first stall. */
#include "scenarios/diagnosis/recent.h"

#include "proxy/base/mem.h"

void recent_add(struct recent *r, const struct stall *s)
{
	if (!r->list)
		r->list = xcalloc(RECENT_STALLS, sizeof(*r->list));
	if (r->gone && r->n == RECENT_STALLS)
		proofs_add(r->gone, &r->list[r->next]);
	r->list[r->next] = *s;
	r->next = (r->next + 1) % RECENT_STALLS;
	r->n += r->n < RECENT_STALLS;
}

int64_t stall_overlap(const struct stall *s, int64_t from, int64_t to)
{
	int64_t a = s->from > from ? s->from : from, b = s->to < to ? s->to : to;

	return b > a ? b - a : 0;
}

void recent_move(struct recent *r, struct tallies *t, int64_t from, int64_t to, enum cause cause,
		 bool (*may_move)(enum cause c), bool to_client)
{
	for (unsigned i = 0; i < r->n; i++) {
		struct stall *s = &r->list[i];

		if (s->cause == cause || !may_move(s->cause) ||
		    2 * stall_overlap(s, from, to) < s->to - s->from)
			continue;
		tallies_move(t, s, cause, to_client);
		s->cause = cause;
		s->label = NULL;
		s->to_client = to_client;
	}
}

void recent_rename(struct recent *r, enum cause from, enum cause to, const char *label)
{
	for (unsigned i = 0; i < r->n; i++) {
		if (r->list[i].cause != from)
			continue;
		r->list[i].cause = to;
		r->list[i].label = label;
	}
	if (r->gone)
		proofs_withdraw(r->gone, from, to, label);
}

void recent_finish(struct recent *r)
{
	for (unsigned i = 0; r->gone && i < r->n; i++)
		proofs_add(r->gone, &r->list[i]);
	r->n = r->next = 0;
}

void recent_fini(struct recent *r)
{
	free(r->list);
	*r = (struct recent){NULL};
}
