/* step_program.c - the values of a ramp have the unit that both its ends have. */
#include "scenarios/scenario/step_program.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/base/units.h"

#include <math.h>
#include <string.h>

#define WAIT_SEQUENCE 0x77616974	/* of random numbers, beside those of other things */
#define RAMP_TICK     (100 * NS_PER_MS) /* between two values of a ramp of anything but a count */

struct layout {
	struct step_program *out;
	size_t room;
	size_t laid;  /* steps, waits too: a repetition of nothing else ends */
	int64_t wait; /* since the last action */
	uint64_t seed;
	struct err *e;
};

static int count_step(struct layout *l)
{
	if (l->laid++ < STEP_ACTIONS_MAX)
		return 0;
	return err_set(l->e, "a phase has at most %d steps, repetitions and ramps written out",
		       STEP_ACTIONS_MAX);
}

static int add_action(struct layout *l, const struct step *s, char *value)
{
	struct step_program *p = l->out;

	if (s && count_step(l) == -1) {
		free(value);
		return -1;
	}
	if (p->n == l->room) {
		l->room = l->room ? l->room * 2 : 32;
		p->v = xrealloc(p->v, l->room, sizeof(*p->v));
	}
	p->v[p->n++] = (struct step_action){.step = s, .after = l->wait, .value = value};
	l->wait = 0;
	return 0;
}

/* The two ends of a ramp with the unit that they share, and how many steps lie between them. */
struct ramp {
	double from, to;
	const char *unit;
	uint64_t steps;
	int64_t every;
	bool whole;
};

static int read_ramp(const struct step *s, struct ramp *r, struct err *e)
{
	char *from_unit, *to_unit;
	double steps;

	r->from = strtod(s->value, &from_unit);
	r->to = strtod(s->to, &to_unit);
	if (from_unit == s->value || to_unit == s->to || strcmp(from_unit, to_unit) != 0 ||
	    !isfinite(r->from) || !isfinite(r->to))
		return err_set(e,
			       "a ramp goes from one number to another of the same unit, not "
			       "from '%.40s' to '%.40s'",
			       s->value, s->to);
	if (r->from == r->to)
		return err_set(e, "a ramp from %.40s to %.40s has no step", s->value, s->to);
	r->unit = from_unit;
	r->whole = !*from_unit && r->from == floor(r->from) && r->to == floor(r->to);
	steps = s->every   ? ceil(fabs(r->to - r->from) / s->by)
		: r->whole ? fabs(r->to - r->from)
			   : ceil((double)s->time / (double)RAMP_TICK);
	if (steps > STEP_ACTIONS_MAX)
		return err_set(e, "a ramp has at most %d steps, not %.0f", STEP_ACTIONS_MAX, steps);
	r->steps = (uint64_t)steps;
	r->every = s->every ? s->every : s->time / (int64_t)r->steps;
	if (r->every <= 0)
		return err_set(e, "a ramp of %.0f steps takes longer than that", steps);
	return 0;
}

static int add_ramp(struct layout *l, const struct step *s)
{
	struct ramp r = {.steps = 0};

	if (read_ramp(s, &r, l->e) == -1)
		return -1;
	for (uint64_t i = 0; i <= r.steps; i++) {
		double way = s->every ? fmin(s->by * (double)i, fabs(r.to - r.from))
				      : fabs(r.to - r.from) * (double)i / (double)r.steps;
		double at = r.to > r.from ? r.from + way : r.from - way;
		char text[UNITS_ROUNDED];

		if (i > 0)
			l->wait += r.every;
		if (add_action(l, s, xstrdup(round_quantity(at, r.unit, text))) == -1)
			return -1;
	}
	return 0;
}

static int64_t draw_wait(const struct layout *l, const struct step *s)
{
	struct rng rng = rng_make(l->seed, WAIT_SEQUENCE, l->laid);

	if (!s->longest)
		return s->time;
	return s->time + (int64_t)rng_below(&rng, (uint64_t)(s->longest - s->time) + 1);
}

static int add_steps(struct layout *l, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		int rc = 0;

		if (s->kind == STEP_WAIT) {
			rc = count_step(l);
			l->wait += draw_wait(l, s);
		}
		if (s->kind == STEP_RAMP)
			rc = add_ramp(l, s);
		else if (s->kind == STEP_REPEAT)
			for (uint64_t k = 0; k < s->n && rc == 0; k++)
				rc = add_steps(l, s->list, s->nlist);
		else if (s->kind != STEP_WAIT)
			rc = add_action(l, s, s->kind == STEP_SET ? xstrdup(s->value) : NULL);
		if (rc == -1)
			return -1;
	}
	return 0;
}

int step_program_make(const struct step *steps, size_t n, uint64_t seed, struct step_program *out,
		      struct err *e)
{
	struct layout l = {.out = out, .seed = seed, .e = e};

	*out = (struct step_program){.n = 0};
	if (add_steps(&l, steps, n) == -1 || add_action(&l, NULL, NULL) == -1) {
		step_program_fini(out);
		return -1;
	}
	return 0;
}

void step_program_fini(struct step_program *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].value);
	free(p->v);
	*p = (struct step_program){.n = 0};
}

static bool orders_role(const struct step *s, const char *role, const char *host)
{
	return s && s->kind >= STEP_START && s->kind <= STEP_VANISH &&
	       step_concerns(s->target, role, host);
}

size_t step_program_starts(const struct step_program *p, const char *role, const char *host,
			   bool *begins)
{
	size_t n = 0;
	bool ordered = false;

	*begins = false;
	for (size_t i = 0; i < p->n; i++) {
		if (!orders_role(p->v[i].step, role, host))
			continue;
		if (!ordered)
			*begins = p->v[i].step->kind == STEP_START;
		ordered = true;
		n += p->v[i].step->kind == STEP_START;
	}
	return n;
}

bool step_program_unplugs(const struct step_program *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].step && p->v[i].step->kind == STEP_UNPLUG)
			return true;
	return false;
}
