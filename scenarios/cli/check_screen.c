/* check_screen.c - rows, and on a terminal a line of progress below them, which the next row takes
 * the place of. */
#include "scenarios/cli/check_screen.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/standard_streams.h"
#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "scenarios/base/layout.h"

#include <math.h>
#include <unistd.h>

#define TEXT_COLUMN 41 /* of a row's last column */
/* What a run takes beside its limit: a lab is built and comes to rest. */
#define RUN_EXTRA   (5 * NS_PER_S)

static void clear_progress(const struct check_screen *s)
{
	if (s->terminal)
		standard_streams_erase_line(stdout);
}

static void show_progress(const struct check_screen *s)
{
	int64_t rounds = (int64_t)((s->runs + s->jobs - 1) / s->jobs);
	int64_t left = rounds * (s->limit + RUN_EXTRA) + s->faults_at - clock_now(&clock_monotonic);

	if (!s->terminal || s->done == s->runs)
		return;
	printf("%zu of %zu runs, at most %.0f s more", s->done, s->runs,
	       clock_seconds(left > 0 ? left : 0));
	fflush(stdout);
}

static void print_cell(const struct card_cell *c)
{
	static const char indent[] = "                                        ";
	char took[UNITS_TEXT] = "-", *first, *why = text_print_line(c->why ? c->why : "");
	char *spread = card_cell_spread(c);

	if (!isnan(c->seconds))
		format_seconds(c->seconds, took);
	first =
	    xasprintf("%s  %c  %-17s  %9s  ", c->point->id, c->letter, grade_names[c->grade], took);
	layout_wrap(stdout, first, TEXT_COLUMN - 1, c->point->what);
	if (*why)
		layout_wrap(stdout, indent, TEXT_COLUMN - 1, why);
	if (spread)
		layout_wrap(stdout, indent, TEXT_COLUMN - 1, spread);
	free(first);
	free(why);
	free(spread);
}

static void show_healthy(void *arg, const struct card *c, size_t runs, size_t jobs)
{
	struct check_screen *s = arg;
	char took[UNITS_TEXT];

	s->runs = runs;
	s->jobs = jobs;
	s->limit = c->plan->limit;
	s->faults_at = clock_now(&clock_monotonic);
	if (s->quiet)
		return;
	printf("healthy: %s %s, %llu bytes; %zu run%s with a fault, each at most %.0f s\n\n",
	       c->plan->ready && !c->plan->then ? "ready after" : "status 0 in",
	       format_seconds(c->healthy_seconds, took), (unsigned long long)c->healthy_bytes, runs,
	       runs == 1 ? "" : "s", clock_seconds(c->plan->limit));
	fflush(stdout);
	show_progress(s);
}

static void show_cell(void *arg, const struct card_cell *c)
{
	const struct check_screen *s = arg;

	if (s->quiet)
		return;
	clear_progress(s);
	print_cell(c);
	fflush(stdout);
	show_progress(s);
}

void check_screen_end(const struct card *c, const struct check_screen *s)
{
	size_t bad = 0, idle = 0;

	for (size_t i = 0; i < c->n; i++) {
		bad += c->cells[i].letter == 'F';
		idle += c->cells[i].grade == GRADE_NOT_EXERCISED;
	}
	if (c->not_gradable)
		printf("not gradable: %s\n", c->not_gradable);
	else
		printf("\n%zu of %zu hang points exercised, %zu handled badly, in %.0f s (seed "
		       "%llu)\n",
		       c->n - idle, c->n, bad,
		       clock_seconds(clock_now(&clock_monotonic) - s->started),
		       (unsigned long long)c->plan->seed);
}

static void show_run(void *arg, size_t done)
{
	struct check_screen *s = arg;

	s->done = done;
	clear_progress(s);
	show_progress(s);
}

struct check_watcher check_screen_watcher(struct check_screen *s)
{
	s->started = clock_now(&clock_monotonic);
	s->terminal = !s->quiet && isatty(STDOUT_FILENO);
	return (struct check_watcher){
	    .healthy = show_healthy, .cell = show_cell, .run = show_run, .arg = s};
}
