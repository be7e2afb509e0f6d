/* bursts.c - a segment that an acknowledgement freed begins a burst. */
#include "scenarios/diagnosis/bursts.h"

#define ALIKE_LEAST 3

void bursts_take_segment(struct bursts *x, const struct segment *s)
{
	if (!s->fresh)
		return;
	if (s->freed) {
		x->alike = x->bytes == x->before ? x->alike + 1 : 0;
		x->before = x->bytes;
		x->bytes = 0;
	}
	x->bytes += s->fresh;
}

bool bursts_are_equal(const struct bursts *x, uint32_t limit)
{
	return x->alike >= ALIKE_LEAST && x->before > limit;
}
