/* check_play.c - a run writes what it found into its folder; this process reads it there. */
#include "scenarios/cli/check_play.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/layout.h"
#include "scenarios/check/cell_ladder.h"
#include "scenarios/check/cell_scenario.h"
#include "scenarios/check/cell_target.h"
#include "scenarios/check/grade_long_lived.h"
#include "scenarios/check/runnable.h"
#include "scenarios/cli/run_many.h"
#include "scenarios/cli/run_options.h"
#include "scenarios/run/command_output.h"
#include "scenarios/scenario/words.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_FILE "run.json"

struct check_job {
	size_t cell;
	const struct hang_variant *variant;
	char *folder;
};

/* In a lab, or against a server outside. */
static int play_run(const struct check_plan *plan, const struct check_places *places,
		    const struct hang_point *p, const struct hang_variant *v, const char *folder,
		    struct cell_facts *f, struct err *e)
{
	return plan->outside ? cell_target_play(plan, places, p, v, folder, f, e)
			     : cell_play(plan, places, p, v, folder, f, e);
}

struct check_runs {
	const struct check_args *args;
	const struct check_watcher *watcher;
	struct card *card;
	struct check_places places;
	struct healthy healthy;
	struct check_job *jobs;
	size_t n, ended;
};

/* A run whose capture can't be read has no ladder, and its grade all the same. */
static void add_ladder(json_t *run, const char *folder, const struct check_plan *plan,
		       const struct cell_facts *f)
{
	json_t *ladder;
	struct err e;

	if (cell_ladder_read(folder, plan->port, f, &ladder, &e) == 0)
		json_object_set_new(run, "ladder", ladder);
}

static int play_job(void *arg, size_t i, struct run_outcome *o)
{
	const struct check_runs *r = arg;
	const struct check_job *job = &r->jobs[i];
	const struct hang_point *p = r->card->cells[job->cell].point;
	char *path = xasprintf("%s/" RUN_FILE, job->folder);
	struct cell_facts f;
	struct graded g;
	struct err e = {""};
	json_t *run;
	int rc;

	if (mkdir(job->folder, 0700) == -1)
		rc = err_errno(&e, "can't make %s", job->folder);
	else
		rc = play_run(&r->args->plan, &r->places, p, job->variant, job->folder, &f, &e);
	if (rc == 0) {
		g = r->args->plan.ready ? grade_long_lived(&r->args->plan, p, &r->healthy, &f)
					: grade_cell(&r->args->plan, p, &r->healthy, &f);
		run = card_run_json(job->variant, &f, &g);
		if (r->args->html)
			add_ladder(run, job->folder, &r->args->plan, &f);
		rc = json_dump_file(run, path, JSON_INDENT(1));
		json_decref(run);
		free(g.why);
		cell_facts_fini(&f);
	}
	snprintf(o->why, sizeof(o->why), "%s", e.text);
	free(path);
	return rc == 0 ? 0 : 2;
}

static void take_job(void *arg, size_t i, const struct run_outcome *o, const char *output)
{
	struct check_runs *r = arg;
	struct card_cell *c = &r->card->cells[r->jobs[i].cell];
	char *path = xasprintf("%s/" RUN_FILE, r->jobs[i].folder);
	json_t *run = json_load_file(path, 0, NULL);

	(void)output;
	if (!run)
		run = json_pack("{s:s,s:s,s:s,s:n,s:i,s:s}", "variant", r->jobs[i].variant->what,
				"grade", grade_names[GRADE_INVALID], "letter", "-", "seconds",
				"bytes", 0, "why", o->why);
	card_cell_add(c, run);
	r->watcher->run(r->watcher->arg, ++r->ended);
	if (json_array_size(c->runs) == c->wanted)
		r->watcher->cell(r->watcher->arg, c);
	free(path);
}

/* A cell has a folder for each run: T13, or T20-1, T20-2. */
static void add_jobs(struct check_runs *r, size_t cell, const char *folder)
{
	struct card_cell *c = &r->card->cells[cell];
	size_t nth = 0, total = 0;

	for (const struct hang_variant *v = c->point->variants; v->what; v++)
		total += grade_unexercised(&r->args->plan, c->point, v, &r->healthy.facts) ? 0 : 1;
	c->wanted = total * r->args->repeat;
	for (const struct hang_variant *v = c->point->variants; v->what; v++) {
		if (grade_unexercised(&r->args->plan, c->point, v, &r->healthy.facts))
			continue;
		for (uint64_t k = 0; k < r->args->repeat; k++) {
			r->jobs = xrealloc(r->jobs, r->n + 1, sizeof(*r->jobs));
			r->jobs[r->n++] = (struct check_job){
			    .cell = cell,
			    .variant = v,
			    .folder = c->wanted == 1
					  ? xasprintf("%s/%s", folder, c->point->id)
					  : xasprintf("%s/%s-%zu", folder, c->point->id, ++nth)};
		}
	}
	if (!c->wanted) {
		c->grade = GRADE_NOT_EXERCISED;
		c->letter = '-';
		c->seconds = NAN;
		c->why = xstrdup(grade_unexercised(&r->args->plan, c->point, c->point->variants,
						   &r->healthy.facts));
	}
}

static char *find_unconnected(const struct check_plan *plan)
{
	return xasprintf("it has not connected to %s, port %u, at all", plan->host, plan->port);
}

/* Why a program that doesn't end by itself never got to be tried. The caller frees. */
static char *find_unready(const struct cell_facts *f, const struct check_plan *plan)
{
	const char *last = *f->last ? f->last : "it has printed nothing";

	if (f->ended_itself)
		return xasprintf("it ends with status %d before it is ready: %s", f->status, last);
	return xasprintf("it isn't ready within %.0f s, with nothing wrong: %s",
			 clock_seconds(plan->limit), last);
}

/* Why there is nothing to run; NULL: there is. The caller frees. */
static char *find_missing(const char *program)
{
	int why = runnable_check(program);

	return why ? xasprintf("'%s' can't be run: %s", program, strerror(why)) : NULL;
}

/* Names a file of the folder that wedge was started in which the command may have meant, or what it
 * may have missed when it ends without a word; "" or a hint, the caller's to free. */
static char *find_hint(const struct cell_facts *f, const struct check_plan *plan)
{
	for (char **w = plan->argv + 1; *w; w++) {
		char *path = xasprintf("%s/%s", plan->dir, *w);
		bool missed = **w != '/' && **w && access(path, F_OK) == 0;

		free(path);
		if (missed) {
			char *name = text_print_line(*w), *hint;

			hint = xasprintf("; it runs in a folder of its own, where '%s' isn't: "
					 "{dir}/%s is the one here",
					 name, name);
			free(name);
			return hint;
		}
	}
	return xstrdup(*f->last ? "" : "; it has no terminal, and nothing on standard input");
}

/* Why the command can't be graded at all; NULL: it can. The caller frees. */
static char *find_obstacle(const struct cell_facts *f, const struct check_plan *plan)
{
	const char *who = plan->then ? "--then" : "it";

	if (plan->ready && !f->ready)
		return find_unready(f, plan);
	if (plan->ready && !plan->then && !f->ended_itself)
		return f->nconnects ? NULL : find_unconnected(plan);
	if (f->limited)
		return xasprintf("%s doesn't end by itself within %.0f s, with nothing wrong%s%s",
				 who, clock_seconds(plan->limit), *f->last ? ": " : "", f->last);
	if (f->status == 127)
		return xasprintf("%s can't be run: %s", who, f->last);
	if (f->status != 0) {
		char *hint = find_hint(f, plan), *why;

		why = xasprintf("%s ends with status %d with nothing wrong%s%s%s", who, f->status,
				*f->last ? ": " : "", f->last, hint);
		free(hint);
		return why;
	}
	if (!f->nconnects && !f->earlier)
		return f->outlived ? xstrdup("it goes on in the background: --ready is for that")
				   : find_unconnected(plan);
	return NULL;
}

/* A server of the user's that can't serve is the same for the card as a command that can't be run.
 * The caller frees. */
static char *find_server_fault(const struct check_plan *plan, const char *folder, const char *why)
{
	char *log = xasprintf("%s/baseline-main-server.log", folder);
	char *text = command_output_read(log), *last = command_output_last(text);
	char *fault =
	    xasprintf("--server '%s' doesn't serve: %s", plan->server[0], *last ? last : why);

	free(last);
	free(text);
	free(log);
	return fault;
}

/* Plays it twice: what differs then is no sign of a fault. */
static int play_healthy(struct check_runs *r, const char *folder, struct err *e)
{
	const struct check_plan *plan = &r->args->plan;
	struct cell_facts again;
	char *path = xasprintf("%s/healthy", folder), *second = xasprintf("%s/healthy-2", folder);
	int rc = mkdir(path, 0700) == -1 || mkdir(second, 0700) == -1
		     ? err_errno(e, "can't make %s", path)
		     : play_run(plan, &r->places, NULL, NULL, path, &r->healthy.facts, e);

	if (rc == -1 && plan->server && !access(path, F_OK)) {
		r->card->not_gradable = find_server_fault(plan, path, e->text);
		rc = 0;
	} else if (rc == 0) {
		r->card->not_gradable = find_obstacle(&r->healthy.facts, plan);
		r->card->healthy_seconds = r->healthy.facts.by_wire ? r->healthy.facts.ready_after
								    : r->healthy.facts.ended;
		r->card->healthy_bytes = r->healthy.facts.bytes;
	}
	if (rc == 0 && !r->card->not_gradable) {
		rc = play_run(plan, &r->places, NULL, NULL, second, &again, e);
		if (rc == 0) {
			r->healthy.output_known = strcmp(again.sha, r->healthy.facts.sha) == 0;
			left_files_keep_same(&r->healthy.facts.left, &again.left);
			check_places_find(plan, r->healthy.facts.from_server, &r->places);
			r->places.answer = r->healthy.facts.answer;
			cell_facts_fini(&again);
		}
	}
	free(path);
	free(second);
	return rc == -1 ? err_wrap(e, "the healthy run") : 0;
}

static void play_cells(struct check_runs *r, const char *folder)
{
	struct run_many m = {.run = play_job, .done = take_job, .arg = r};
	bool *alone;

	for (size_t i = 0; i < r->card->n; i++)
		add_jobs(r, i, folder);
	m.n = r->n;
	m.jobs = r->args->jobs ? r->args->jobs : r->n < RUN_JOBS_MAX ? r->n : RUN_JOBS_MAX;
	r->watcher->healthy(r->watcher->arg, r->card, r->n, m.jobs);
	for (size_t i = 0; i < r->card->n; i++)
		if (!r->card->cells[i].wanted)
			r->watcher->cell(r->watcher->arg, &r->card->cells[i]);
	alone = xcalloc(r->n + 1, sizeof(*alone));
	m.alone = alone;
	if (r->n)
		(void)run_many(&m);
	free(alone);
	card_finish(r->card);
}

int check_play(const struct check_args *a, const char *folder, const struct check_watcher *watcher,
	       struct card *c, struct err *e)
{
	struct check_runs r = {.args = a, .watcher = watcher, .card = c};
	char *command = words_join(a->plan.argv);
	int rc;

	*c = (struct card){.plan = &a->plan, .command = layout_utf8(command)};
	free(command);
	while (a->points[c->n])
		c->n++;
	c->cells = xcalloc(c->n, sizeof(*c->cells));
	for (size_t i = 0; i < c->n; i++)
		c->cells[i] =
		    (struct card_cell){.point = a->points[i], .letter = '-', .seconds = NAN};
	c->not_gradable = find_missing(a->plan.argv[0]);
	rc = c->not_gradable ? 0 : play_healthy(&r, folder, e);
	if (rc == 0 && !c->not_gradable)
		play_cells(&r, folder);
	for (size_t i = 0; i < r.n; i++)
		free(r.jobs[i].folder);
	free(r.jobs);
	cell_facts_fini(&r.healthy.facts);
	return rc;
}
