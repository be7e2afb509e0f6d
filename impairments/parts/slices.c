/* slices.c - each slice begins when the one before it was due to end, so that lateness doesn't add
 * up. */
#include "impairments/parts/slices.h"

#include <jansson.h>

const char *const slices_distribution_names[] = {"constant", "pareto", NULL};

int slices_check(const struct slices_config *c, struct err *e)
{
	if (c->distribution == SLICES_PARETO && c->longest < c->pause)
		return err_set(e, "longest must be at least pause");
	return 0;
}

static int64_t vary_length(struct slices *s, int64_t length)
{
	double share = s->config.varies;

	if (share > 0)
		length += (int64_t)((double)length * share * (2 * rng_unit(&s->rng) - 1));
	return length;
}

/* A Pareto variable from 1 on has the mean shape / (shape - 1). */
static int64_t draw_pause(struct slices *s)
{
	const struct slices_config *c = &s->config;
	double least = (double)c->pause * (c->shape - 1) / c->shape, ns;

	if (c->distribution == SLICES_CONSTANT)
		return vary_length(s, c->pause) + c->wake;
	ns = least * rng_pareto(&s->rng, c->shape);
	return (ns < (double)c->longest ? (int64_t)ns : c->longest) + c->wake;
}

static void turn_cb(void *arg, int64_t now)
{
	struct slices *s = arg;
	int64_t length;

	s->frozen = !s->frozen;
	length = s->frozen ? draw_pause(s) : vary_length(s, s->config.run);
	timer_arm(s->env.timers, &s->timer, s->timer.due + length);
	if (s->frozen && s->n)
		journal_event(s->env.journal, "freeze", "s:s, s:f, s:I", "stage", s->name, "for",
			      clock_seconds(length), "flows", (json_int_t)s->n);
	s->turned(s->arg, now);
}

void slices_init(struct slices *s, const struct env *env, const struct slices_config *c,
		 void (*turned)(void *arg, int64_t now), void *arg)
{
	s->env = *env;
	s->config = *c;
	s->timer.fn = turn_cb;
	s->timer.arg = s;
	s->turned = turned;
	s->arg = arg;
}

void slices_fini(struct slices *s)
{
	timer_cancel(s->env.timers, &s->timer);
}

void slices_join(struct slices *s, const struct slices_config *c, const char *name, unsigned number)
{
	s->config = *c;
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->n++;
	if (timer_armed(&s->timer))
		return;
	s->rng = rng_make(s->env.seed, number, 0);
	timer_arm(s->env.timers, &s->timer, clock_now(s->env.clock) + c->run);
}

void slices_leave(struct slices *s)
{
	s->n--;
}
