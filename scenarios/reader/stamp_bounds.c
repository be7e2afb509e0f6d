/* stamp_bounds.c - a jump moves all later times, until the next one. */
#include "scenarios/reader/stamp_bounds.h"

#include "proxy/base/clock.h"

#define YEAR (366 * 24 * 3600 * NS_PER_S)

static bool is_near(int64_t a, int64_t b)
{
	int64_t apart;

	return !__builtin_sub_overflow(a, b, &apart) && apart < YEAR && apart > -YEAR;
}

int64_t stamp_bounds_take(struct stamp_bounds *b, int64_t at, uint32_t frame)
{
	int64_t shifted;

	if (!b->begun) {
		b->begun = true;
		b->first = b->last = at;
		return at;
	}
	if (!__builtin_add_overflow(at, b->shift, &shifted) && is_near(shifted, b->first) &&
	    is_near(shifted, b->last)) {
		b->last = shifted;
		return shifted;
	}
	b->shift = b->last - at;
	b->jump_frame = b->jumps++ ? b->jump_frame : frame;
	return b->last;
}
