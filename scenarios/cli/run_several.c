/* run_several.c - who runs when is run_many's; here is what people are told. */
#include "scenarios/cli/run_several.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/report/index.h"

#include <stdlib.h>
#include <string.h>

struct ends {
	const struct several *s;
	struct run_outcome *outcomes;
	size_t n; /* of runs that have ended */
};

static int run_nth(void *arg, size_t i, struct run_outcome *o)
{
	const struct ends *v = arg;

	return v->s->run(v->s->arg, i, o);
}

/* One line, or all that the run itself has printed. */
static void print_end(void *arg, size_t i, const struct run_outcome *o, const char *output)
{
	struct ends *v = arg;
	const struct scenario *s = v->s->list[i];

	v->outcomes[i] = *o;
	v->n++;
	if (v->s->whole) {
		fputs(output, stdout);
	} else {
		char *why = o->verdict == VERDICT_REPRODUCED ? NULL : text_print_line(o->why);

		printf("[%zu/%zu] %-4s %-32s %-15s %6.1f s%s%s\n", v->n, v->s->n,
		       s->failure ? s->failure : "", s->name, verdict_name(o->verdict), o->elapsed,
		       why ? "\n        " : "", why ? why : "");
		free(why);
	}
	fflush(stdout);
}

static int run_beside(struct ends *v)
{
	const struct several *s = v->s;
	bool *alone = xcalloc(s->n, sizeof(*alone));
	const struct run_many m = {.n = s->n,
				   .jobs = s->jobs,
				   .alone = alone,
				   .run = run_nth,
				   .done = print_end,
				   .arg = v};
	int worst;

	for (size_t i = 0; i < s->n; i++)
		alone[i] = s->list[i]->alone;
	worst = run_many(&m);
	free(alone);
	return worst;
}

static int run_in_turn(struct ends *v)
{
	int worst = 0;

	for (size_t i = 0; i < v->s->n; i++) {
		int64_t started = clock_now(&clock_monotonic);
		int status = run_nth(v, i, &v->outcomes[i]);

		v->outcomes[i].elapsed = clock_seconds(clock_now(&clock_monotonic) - started);
		if (status > worst)
			worst = status;
	}
	return worst;
}

/* x, y: places in the list of scenarios. */
static int by_failure(const void *x, const void *y, void *list)
{
	struct scenario *const *scenarios = list;

	return scenario_compare(scenarios[*(const size_t *)x], scenarios[*(const size_t *)y]);
}

/* Returns the places of the list in the order of the failures; the caller frees. */
static size_t *order_list(const struct several *s)
{
	size_t *order = xcalloc(s->n, sizeof(*order));

	for (size_t i = 0; i < s->n; i++)
		order[i] = i;
	qsort_r(order, s->n, sizeof(*order), by_failure, (void *)s->list);
	return order;
}

static int write_index(const struct ends *v, double elapsed, struct err *e)
{
	const struct several *s = v->s;
	struct index_entry *entries = xcalloc(s->n, sizeof(*entries));
	const struct index x = {.command = s->command,
				.seed = s->seed,
				.elapsed = elapsed,
				.quick = s->quick,
				.entries = entries,
				.n = s->n};
	size_t reproduced = 0, *order = order_list(s);
	int rc;

	for (size_t i = 0; i < s->n; i++) {
		const struct scenario *scenario = s->list[order[i]];
		const struct run_outcome *o = &v->outcomes[order[i]];

		reproduced += o->verdict == VERDICT_REPRODUCED;
		entries[i] = (struct index_entry){.name = scenario->name,
						  .title = scenario->title,
						  .failure = scenario->failure,
						  .verdict = o->verdict,
						  .why = o->why,
						  .elapsed = o->elapsed,
						  .has_report = o->has_report};
	}
	free(order);
	rc = index_write(s->folder, &x, e);
	free(entries);
	if (rc == 0 && !s->json)
		printf("%zu of %zu reproduced in %.0f s (seed %llu): %s/" INDEX_PAGE
		       ", " INDEX_JUNIT "\n",
		       reproduced, s->n, elapsed, (unsigned long long)s->seed, s->folder);
	return rc;
}

int run_several(const struct several *s)
{
	struct ends v = {.s = s, .outcomes = xcalloc(s->n, sizeof(*v.outcomes))};
	int64_t started = clock_now(&clock_monotonic);
	struct err e;
	int worst = s->jobs > 1 && s->n > 1 ? run_beside(&v) : run_in_turn(&v);

	if (s->indexed &&
	    write_index(&v, clock_seconds(clock_now(&clock_monotonic) - started), &e) == -1) {
		fprintf(stderr, "wedge: %s\n", e.text);
		worst = 2;
	}
	free(v.outcomes);
	return worst;
}
