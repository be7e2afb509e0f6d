/* standstill.c - what a stage does that lets nothing pass while it acts. */
#include "impairments/stream/parts/standstill.h"

#include <jansson.h>

void standstill_data(struct stage *st, struct evbuffer *buf)
{
	struct standstill *s = stage_state(st);

	hold_take(st, &s->hold, buf);
}

/* Kept like the bytes before it: the core has it in end_in. */
void standstill_end(struct stage *st, enum flow_end end)
{
	(void)st;
	(void)end;
}

/* The core passes the end on after this. */
void standstill_drain(struct stage *st)
{
	struct standstill *s = stage_state(st);

	stage_event(st, "stall_over", "s:I", "kept", (json_int_t)st->held);
	hold_pass_all(st, &s->hold);
}

void standstill_close(struct stage *st)
{
	struct standstill *s = stage_state(st);

	hold_free(&s->hold);
}
