/* hold.c - one buffer to hold and one to pass, both made when they are first needed. */
#include "impairments/stream/parts/hold.h"

#include "proxy/stream/flow/buffer_join.h"

#include <event2/buffer.h>

static void hold_make(struct evbuffer **b)
{
	if (!*b)
		*b = evbuffer_new();
	BUG_ON(!*b);
}

void hold_take(struct stage *st, struct hold *h, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	hold_make(&h->held);
	BUG_ON(buffer_join(h->held, buf) == -1);
	stage_hold(st, n);
}

void hold_pass(struct stage *st, struct hold *h, size_t n)
{
	if (n > st->held)
		n = st->held;
	if (!n)
		return;
	hold_make(&h->out);
	BUG_ON(evbuffer_remove_buffer(h->held, h->out, n) != (int)n);
	stage_release(st, n);
	stage_pass(st, h->out);
}

void hold_pass_all(struct stage *st, struct hold *h)
{
	if (!st->held)
		return;
	stage_release(st, st->held);
	stage_pass(st, h->held);
}

void hold_bound(struct stage *st, size_t low, size_t high)
{
	if (st->held >= high)
		stage_pause(st);
	else if (st->held <= low)
		stage_resume(st);
}

void hold_free(struct hold *h)
{
	if (h->held)
		evbuffer_free(h->held);
	if (h->out)
		evbuffer_free(h->out);
}
