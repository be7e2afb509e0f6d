/* condition.c - the figures of a scope as the source of an expectation's values. */
#include "scenarios/match/condition.h"

#include "scenarios/match/figures.h"
#include "scenarios/scenario/expect_judge.h"

#include <string.h>

static int value_of(void *arg, const struct metric_ref *ref, int sweep_index, double *out,
		    struct err *e)
{
	char name[METRIC_TEXT];

	(void)sweep_index;
	if (figure_value(arg, ref, out, e) == -1)
		return err_wrap(e, "%s", metric_format(ref, name));
	return 0;
}

static void note_other(void *arg, const struct metric_ref *ref)
{
	bool *other = arg;

	*other = *other || strcmp(ref->traffic, METRIC_OTHER) == 0;
}

static bool names_other(const struct expect *x)
{
	bool other = false;

	expect_each_metric(x, note_other, &other);
	return other;
}

struct withheld {
	const struct scope *scope;
	bool any;
};

static void note_withheld(void *arg, const struct metric_ref *ref)
{
	struct withheld *w = arg;

	w->any = w->any || figure_withheld(w->scope, ref);
}

bool condition_is_withheld(const struct expect *x, const struct scope *s)
{
	struct withheld w = {.scope = s};

	expect_each_metric(x, note_withheld, &w);
	return w.any;
}

bool condition_lacks_others(const struct expect *x, const struct scope *s)
{
	return !s->others.service.counts.connections && names_other(x);
}

int condition_judge(const struct expect *x, const struct scope *s, bool *ok, char *measured,
		    size_t len, struct err *why)
{
	const struct metric_source source = {.value = value_of, .arg = (void *)s};

	return expect_judge(x, &source, ok, measured, len, why);
}
