/* stamps.c - the tick is one of those that systems use, when several estimates agree on it. */
#include "scenarios/diagnosis/stamps.h"

#include "proxy/base/clock.h"

#define SPAN_LEAST (1 * NS_PER_S) /* of an estimate */
#define TICKS_MOST 0x40000000u	  /* beyond, the difference may have wrapped */
#define AGREED	   3
#define OFF_MOST   0.05

/* Returns the tick that systems use nearest to an estimate: Linux and Windows 1 ms, older Linux 4
 * or 10 ms, BSD 1 or 10 ms; 0: none is near. */
static int64_t known_tick(double estimate)
{
	static const int64_t ticks[] = {1 * NS_PER_MS, 4 * NS_PER_MS, 10 * NS_PER_MS};

	for (size_t i = 0; i < ARRAY_LEN(ticks); i++)
		if (estimate > (1 - OFF_MOST) * (double)ticks[i] &&
		    estimate < (1 + OFF_MOST) * (double)ticks[i])
			return ticks[i];
	return 0;
}

static void estimate_tick(struct stamps *x, int64_t span, uint32_t ticks)
{
	int64_t tick;

	if (span < SPAN_LEAST || !ticks || ticks > TICKS_MOST)
		return;
	tick = known_tick((double)span / ticks);
	if (tick && tick == x->tick) {
		x->agreed++;
		return;
	}
	x->tick = tick;
	x->agreed = tick != 0;
	x->least = INT64_MAX;
}

void stamps_take_segment(struct stamps *x, const struct segment *s)
{
	uint32_t ticks = s->v->tsval - x->first;
	int64_t behind;

	x->late = -1;
	if (!s->v->has_tsval || s->copy || s->out_of_place)
		return;
	if (!x->first_at) {
		x->first_at = s->at;
		x->first = s->v->tsval;
		return;
	}
	if (x->agreed < AGREED)
		estimate_tick(x, s->at - x->first_at, ticks);
	if (!x->tick || ticks > TICKS_MOST)
		return;
	behind = s->at - x->first_at - (int64_t)ticks * x->tick;
	if (behind < x->least)
		x->least = behind;
	if (x->agreed >= AGREED)
		x->late = behind - x->least;
}
