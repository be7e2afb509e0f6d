/* against.c - the place is one where the first condition holds, and of these the one where most do,
 * since what can't be judged somewhere speaks for nothing; else it is the one that lost most time,
 * since on a healthy service the conditions that exclude something hold for nothing. */
#include "scenarios/match/against.h"

#include "proxy/base/mem.h"
#include "scenarios/match/condition.h"

#include <string.h>

static void judge_line(const struct expect *x, struct against *a)
{
	struct against_line line = {.condition = x};
	char measured[256];
	struct err why = {""};
	int rc;

	if (condition_is_withheld(x, a->scope) || condition_lacks_others(x, a->scope))
		return;
	rc = condition_judge(x, a->scope, &line.holds, measured, sizeof(measured), &why);
	line.holds = rc == 0 && line.holds;
	line.measured = xstrdup(rc == 0 ? measured : why.text);
	a->holds += line.holds;
	a->list = xrealloc(a->list, a->n + 1, sizeof(*a->list));
	a->list[a->n++] = line;
}

static struct against judge_place(const struct scenario *s, const struct scope *scope,
				  const char *vantage, bool far)
{
	struct against a = {.scope = scope, .far = far};

	for (size_t i = 0; i < s->nsignatures; i++) {
		const struct signature *g = &s->signatures[i];

		if (g->hint || !g->nconditions)
			continue;
		if (!strstr(g->vantages, vantage)) {
			if (!a.n)
				return a; /* as match.c: without the main one the rest is nothing */
			continue;
		}
		for (size_t k = 0; k < g->nconditions; k++)
			judge_line(&g->conditions[k], &a);
	}
	return a;
}

static bool is_better(const struct against *a, const struct against *best)
{
	bool first = a->n && a->list[0].holds, before = best->n && best->list[0].holds;

	if (!a->n || !best->n)
		return a->n > 0;
	if (first != before)
		return first;
	if (a->holds != best->holds)
		return first && a->holds > best->holds;
	return first && a->n < best->n;
}

void against_make(const struct scenario *s, const struct matches *m, struct against *a)
{
	static const char *const vantages[] = {"client_wire", "server_wire"};

	*a = (struct against){NULL};
	for (size_t k = 0; k < ARRAY_LEN(m->scopes); k++)
		for (size_t i = 0; i < m->scopes[k].n; i++) {
			struct against x =
			    judge_place(s, &m->scopes[k].list[i], vantages[k], k == 1);

			if (is_better(&x, a)) {
				against_fini(a);
				*a = x;
			} else {
				against_fini(&x);
			}
		}
}

static bool has_condition(const struct against *a, const struct expect *x)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->list[i].condition->text, x->text) == 0)
			return true;
	return false;
}

void against_subtract(struct against *a, const struct against *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (a->list[i].holds && !has_condition(b, a->list[i].condition))
			a->list[kept++] = a->list[i];
		else
			free(a->list[i].measured);
	}
	a->n = a->holds = kept;
}

void against_fini(struct against *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->list[i].measured);
	free(a->list);
	*a = (struct against){NULL};
}
