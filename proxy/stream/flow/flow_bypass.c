/* flow_bypass.c - asks each stage's gate; one that has to see the bytes is asked for them. */
#include "proxy/stream/flow/flow_bypass.h"

#include "proxy/stream/flow/stage.h"

/* A gate may switch its stage when it is asked. */
static size_t stage_bypass(struct stage *st)
{
	size_t n;

	if (st->active || st->ops->past || st->end_out != END_NONE || stage_wait_any(&st->wait))
		return 0;
	if (!st->gate)
		return SIZE_MAX;
	n = st->gate->blind ? st->gate->blind(st) : 0;
	return st->active ? 0 : n;
}

size_t flow_bypass(struct flow *f)
{
	size_t least = SIZE_MAX;

	if (f->depth || f->pause || f->held || f->end_in != END_NONE || f->end_out != END_NONE)
		return 0;
	if (!f->first)
		return SIZE_MAX;
	flow_enter(f);
	for (struct stage *st = f->first; st && least; st = st->next) {
		size_t n = stage_bypass(st);

		least = n < least ? n : least;
	}
	flow_leave(f);
	return least;
}

void flow_bypassed(struct flow *f, size_t n)
{
	flow_enter(f);
	f->in_bytes += n;
	f->out_bytes += n;
	f->undelivered += n;
	flow_leave(f);
}

void flow_bypass_settle(struct flow *f, size_t n)
{
	if (!f->first)
		return;
	flow_enter(f);
	for (struct stage *st = f->first; st; st = st->next)
		if (st->gate)
			st->gate->bypassed(st, n);
	flow_leave(f);
}
