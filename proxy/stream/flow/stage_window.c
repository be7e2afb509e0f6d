/* stage_window.c - lets a stage end what came inside its window after the window has closed. */
#include "proxy/stream/flow/stage_window.h"

void stage_close_window(struct stage *st)
{
	bool end_waits = st->end_in != END_NONE && st->end_out == END_NONE;

	if (!st->active || !st->ops->lingers || (!st->held && !end_waits)) {
		stage_set_active(st, false);
		return;
	}
	st->outside = true;
	st->end_inside = end_waits;
}

/* All that came inside the window has left: what came later needn't wait any more. */
void stage_end_lingering(struct stage *st)
{
	bool end_waits = st->end_inside && st->end_out == END_NONE;

	if (st->outside && st->held <= st->behind && !end_waits)
		stage_set_active(st, false);
}
