/* step_runner.c - a place in the program, and the time that comes next. */
#include "scenarios/run/step_runner.h"

void step_runner_begin(struct step_runner *r, const struct step_program *program, int64_t now)
{
	*r = (struct step_runner){.program = program, .due = now + program->v[0].after};
}

int64_t step_runner_due(const struct step_runner *r)
{
	return r->under_way || r->next == r->program->n ? INT64_MAX : r->due;
}

const struct step_action *step_runner_take(struct step_runner *r, int64_t now)
{
	if (step_runner_due(r) > now)
		return NULL;
	r->under_way = true;
	return &r->program->v[r->next];
}

void step_runner_done(struct step_runner *r, int64_t now, bool quick)
{
	BUG_ON(!r->under_way);
	r->under_way = false;
	r->next++;
	if (!quick)
		r->due = now;
	if (r->next < r->program->n)
		r->due += r->program->v[r->next].after;
}
