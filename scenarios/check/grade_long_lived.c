/* grade_long_lived.c - a program that has ended by itself has noticed, too. */
#include "scenarios/check/grade_long_lived.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <math.h>

static struct graded make_noticed(const struct cell_facts *f, double at, char *why)
{
	double seconds = grade_seconds(f, at);

	return (struct graded){.grade = f->recovered ? GRADE_RETRIED_OK : GRADE_DETECTED,
			       .letter = grade_letter(seconds),
			       .seconds = seconds,
			       .why = why};
}

static struct graded make_undetectable(const char *why)
{
	return (struct graded){
	    .grade = GRADE_UNDETECTABLE, .letter = '-', .seconds = NAN, .why = xstrdup(why)};
}

/* Behind the server's end the client's shows that it doesn't hang, and no more. */
static char *explain_sign(const struct hang_point *p, const struct cell_facts *f)
{
	bool open = p->moment == MOMENT_SERVER_ENDS && !f->recovered;

	return xasprintf("%s%s", detection_sign_text(f->sign),
			 open ? "; what it made of what it had got isn't told" : "");
}

static struct graded grade_wire(const struct check_plan *plan, const struct hang_point *p,
				const struct cell_facts *f)
{
	bool ended_first = f->ended_itself && !(f->detected_at <= f->ended);

	if (p->undetectable && !f->recovered && !ended_first)
		return make_undetectable(p->undetectable);
	if (!ended_first && !isnan(f->detected_at))
		return make_noticed(f, f->detected_at, explain_sign(p, f));
	if (f->ended_itself)
		return make_noticed(f, f->ended,
				    xasprintf("it ended with status %d%s%s", f->status,
					      *f->last ? ": " : "", f->last));
	if (f->unaffected)
		return (struct graded){.grade = GRADE_UNAFFECTED,
				       .letter = 'A',
				       .seconds = 0,
				       .why = xstrdup("its answer came all the same")};
	return (struct graded){.grade = GRADE_HUNG,
			       .letter = 'F',
			       .seconds = NAN,
			       .why = xasprintf("no FIN, no RST and no new answer of its at %.0f s",
						clock_seconds(plan->limit))};
}

/* Makes the grade LEAK where it is one; takes over g. */
static struct graded grade_leak(struct graded g, const struct cell_facts *f)
{
	bool noticed = g.grade == GRADE_DETECTED || g.grade == GRADE_RETRIED_OK ||
		       g.grade == GRADE_PARTIAL_LEFT;
	struct graded leak = {.grade = GRADE_LEAK, .letter = 'F', .seconds = g.seconds};

	if (!noticed || !f->leaked)
		return g;
	leak.why = xasprintf("the connection that the fault hit stays open; %s", g.why);
	free(g.why);
	return leak;
}

struct graded grade_long_lived(const struct check_plan *plan, const struct hang_point *p,
			       const struct healthy *h, const struct cell_facts *f)
{
	struct graded g;

	if (!f->by_wire)
		return grade_leak(grade_cell(plan, p, h, f), f);
	return grade_early(h, f, &g) ? g : grade_leak(grade_wire(plan, p, f), f);
}
