/* standstill.c - the bytes are in a hold; of the end the core knows. */
#include "impairments/stream/parts/standstill.h"

#include <jansson.h>

void standstill_data(struct stage *st, struct evbuffer *buf)
{
	struct standstill *s = stage_state(st);

	hold_take(st, &s->hold, buf);
}

/* The end is held like the bytes before it: the core has it in end_in. */
void standstill_end(struct stage *st, enum flow_end end)
{
	(void)st;
	(void)end;
}

/* The core passes a held end on after the drain. */
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
