/* trickle.c - the mean and variance of the times between drops, as they come (B. P. Welford). */
#include "scenarios/diagnosis/trickle.h"

#include <math.h>

#define DROP_MAX 16 /* bytes: docs/rules.md, R15 */
#define EVEN	 0.2

static void begin_run(struct trickle *t, const struct segment *s)
{
	*t = (struct trickle){.drops = 1, .first = s->at, .last = s->at};
}

static bool is_even(const struct trickle *t)
{
	return sqrt(t->squares / (t->drops - 1)) < EVEN * t->mean;
}

void trickle_take_step(struct trickle *t, const struct segment *s)
{
	double apart, off;

	if (s->dir == DIR_UPSTREAM || !s->v->payload_len || s->v->payload_len > DROP_MAX) {
		t->drops = 0;
		return;
	}
	if (!s->fresh)
		return;
	if (!t->drops) {
		begin_run(t, s);
		return;
	}
	apart = (double)(s->at - t->last);
	t->last = s->at;
	off = apart - t->mean;
	t->mean += off / t->drops;
	t->squares += off * (apart - t->mean);
	t->drops++;
	if (t->drops >= TRICKLE_LEAST && !is_even(t))
		begin_run(t, s);
}

bool trickle_runs(const struct trickle *t, unsigned least)
{
	return t->drops >= least && is_even(t);
}
