/* cmd_run.c - "wedge run SCENARIO...": from the command line to the report folder. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/processors.h"
#include "proxy/base/rng.h"
#include "proxy/base/text_print.h"
#include "scenarios/annotate/annotate.h"
#include "scenarios/annotate/shown_frames.h"
#include "scenarios/base/layout.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/cli/run_args.h"
#include "scenarios/cli/run_blind.h"
#include "scenarios/cli/run_several.h"
#include "scenarios/cli/run_with.h"
#include "scenarios/lab/lab.h"
#include "scenarios/live/live_run.h"
#include "scenarios/report/brief.h"
#include "scenarios/report/folder.h"
#include "scenarios/report/index.h"
#include "scenarios/report/json.h"
#include "scenarios/report/text.h"
#include "scenarios/run/run.h"
#include "scenarios/run/workdir.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/catalog_load.h"
#include "scenarios/scenario/needs.h"
#include "scenarios/scenario/overrides.h"
#include "scenarios/scenario/scenario_load.h"
#include "scenarios/shown_connection/shown_connection.h"
#include "scenarios/watch/watch.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool has_phase(const struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nphases; i++)
		if (strcmp(s->phases[i].name, name) == 0)
			return true;
	return false;
}

static int check_phases(const struct scenario *s, const struct run_args *a, struct err *e)
{
	for (size_t i = 0; i < a->nphases; i++) {
		if (has_phase(s, a->phases[i]))
			continue;
		err_set(e, "--phase: %s has no phase '%s'; it has", s->name, a->phases[i]);
		for (size_t k = 0; k < s->nphases; k++) {
			size_t used = strlen(e->text);

			snprintf(e->text + used, sizeof(e->text) - used, "%s %s", k ? "," : "",
				 s->phases[k].name);
		}
		return -1;
	}
	return 0;
}

/* The file alone has been found good: what is wrong now comes of the settings together. */
static void blame_sets(const struct run_args *a, struct err *e)
{
	char list[200] = "";

	for (size_t i = 0; i < a->nsets; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s--set %s",
			 i ? " " : "", a->sets[i]);
	if (a->nsets)
		err_wrap(e, "%s", list);
}

static int load_named(const char *word, const struct run_args *a, struct scenario **out,
		      struct err *e)
{
	char *name = catalog_name(word, a->catalog, metric_known, e);
	int rc = name ? scenario_load(name, a->catalog, a->quick, metric_known, NULL, out, e) : -1;

	free(name);
	return rc;
}

static int load_selected(const char *name, const struct run_args *a, struct scenario **out,
			 struct err *e)
{
	if (load_named(name, a, out, e) == -1)
		return -1;
	for (size_t i = 0; i < a->nsets; i++)
		if (scenario_set(*out, a->sets[i], e) == -1) {
			err_wrap(e, "--set %s", a->sets[i]);
			goto fail;
		}
	if (a->intercept && scenario_set(*out, a->intercept, e) == -1)
		goto fail;
	if (check_phases(*out, a, e) == -1 ||
	    scenario_check_needs(*out, a->sets, a->nsets, e) == -1)
		goto fail;
	if (scenario_check(*out, e) == -1) {
		blame_sets(a, e);
		goto fail;
	}
	return 0;
fail:
	scenario_free(*out);
	*out = NULL;
	return -1;
}

static void print_whole(const struct result *r, const char *out)
{
	char *name = text_print_line(out);

	report_text(r, stdout);
	printf("Report: %s\n", name);
	free(name);
}

static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || !size.ws_col ||
	    size.ws_col > LAYOUT_COLUMNS)
		return LAYOUT_COLUMNS;
	return size.ws_col;
}

/* The exit status. */
static int run_one(const struct scenario *s, const struct run_args *a, const struct run_news *news,
		   const char *out, struct run_outcome *told)
{
	struct run_options o = {
	    .command = a->command,
	    .phases = a->nphases ? a->phases : NULL,
	    .seed = a->seed,
	    .log_level = LOG_LEVEL_WARN + (int)a->verbose,
	    .news = news,
	};
	struct err e = {""};
	struct workdir *w = workdir_open(out, "--out", &e);
	const enum place place = (enum place)s->pins.place;
	const enum leg legs[LEG_COUNT] = {place_leg(place, LEG_CLIENT),
					  place_leg(place, LEG_SERVER)};
	struct live_run *shown;
	struct result *r;
	char *kept;
	int status;

	if (!w)
		goto could_not;
	o.folder = workdir_path(w);
	shown = live_run_begin(o.folder, s->name, legs);
	r = run_scenario(s, &o, &e);
	live_run_end(shown);
	if (!r)
		goto could_not;
	status = r->verdict == VERDICT_REPRODUCED	? 0
		 : r->verdict == VERDICT_NOT_REPRODUCED ? 1
							: 2;
	/* The verdict stands; captures without comments are no reason to lose it. */
	if (!a->raw_captures && annotate_report(r, workdir_path(w), &e) == -1)
		fprintf(stderr, "wedge: warning: %s: %s\n", s->name, e.text);
	find_shown_frames(r, workdir_path(w));
	show_connection(r, workdir_path(w));
	if (report_write_folder(r, workdir_path(w), &e) == -1) {
		result_free(r);
		goto could_not;
	}
	*told = (struct run_outcome){.has_report = true, .verdict = r->verdict};
	snprintf(told->why, sizeof(told->why), "%s", r->why ? r->why : "");
	kept = workdir_commit(w, &e);
	if (kept) {
		fprintf(stderr, "wedge: %s: %s\n", s->name, e.text);
		status = 2;
		out = kept;
		told->has_report = false; /* not where it is looked for */
	}
	run_news_send(news, "report", "s:s", "folder", out);
	if (a->json)
		report_json(r, stdout);
	else if (a->verbose)
		print_whole(r, out);
	else
		report_brief(r, out, terminal_columns(), stdout);
	fflush(stdout);
	result_free(r);
	free(kept);
	return status;
could_not:
	workdir_discard(w);
	fprintf(stderr, "wedge: %s: %s\n", s->name, e.text);
	run_news_send(news, "verdict", "s:s, s:s", "verdict", verdict_name(VERDICT_INVALID), "why",
		      e.text);
	*told = (struct run_outcome){.verdict = VERDICT_INVALID};
	snprintf(told->why, sizeof(told->why), "%s", e.text);
	return 2;
}

static char *name_folder(const struct run_args *a, const struct scenario *s, size_t n)
{
	if (!a->out)
		return xasprintf("wedge-report/%s", s->name);
	return n > 1 || a->all ? xasprintf("%s/%s", a->out, s->name) : xstrdup(a->out);
}

/* A folder that can't be written to is no surprise after the other scenarios' minutes. */
static int check_folders(struct scenario **list, size_t n, const struct run_args *a, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		char *out = name_folder(a, list[i], n);
		struct workdir *w = workdir_open(out, "--out", e);

		if (!w)
			rc = err_wrap(e, "%s", list[i]->name);
		workdir_discard(w);
		free(out);
	}
	return rc;
}

struct selection {
	struct scenario **list;
	size_t n;
	const struct run_args *a;
	const struct run_news *news;
};

static int run_nth(void *arg, size_t i, struct run_outcome *told)
{
	const struct selection *s = arg;
	char *out = name_folder(s->a, s->list[i], s->n);
	int status = run_one(s->list[i], s->a, s->news, out, told);

	free(out);
	return status;
}

static const char *index_folder(const struct run_args *a)
{
	return a->out ? a->out : "wedge-report";
}

static int run_all(struct scenario **list, size_t n, const struct run_args *a,
		   const struct run_news *news)
{
	struct selection selection = {list, n, a, news};
	const struct several s = {.list = list,
				  .n = n,
				  .jobs = a->jobs	    ? a->jobs
					  : a->all && !news ? processors_count()
							    : 1,
				  .run = run_nth,
				  .arg = &selection,
				  .indexed = n > 1 || a->all,
				  .whole = a->json || a->verbose,
				  .json = a->json,
				  .folder = index_folder(a),
				  .command = a->command,
				  .seed = a->seed,
				  .quick = a->quick};

	return run_several(&s);
}

static struct watch *begin_watch(const struct run_args *a, struct err *e)
{
	struct addr place = a->watch_at;
	struct watch *w;

	if (!place.len)
		BUG_ON(addr_parse(WATCH_PLACE, &place, e) == -1);
	w = watch_begin(&place, !a->watch_at.len, e);
	if (w)
		fprintf(stderr, "wedge: shown on %s\n", watch_url(w));
	else
		err_wrap(e, "--watch");
	return w;
}

/* Runs what is loaded. Returns the exit status, or -1 with *e. */
static int run_shown(struct scenario **list, size_t n, const struct run_args *a, struct err *e)
{
	struct watch *w = NULL;
	int status;

	if (a->watch && !(w = begin_watch(a, e)))
		return -1;
	status = run_all(list, n, a, watch_news(w));
	watch_end(w);
	return status;
}

/* A new seed, added to the command line that the report tells for running it again. */
static int choose_seed(struct run_args *a, struct err *e)
{
	char *typed = a->command;

	if (rng_draw_seed(&a->seed, e) == -1)
		return -1;
	a->command = xasprintf("wedge run --seed %llu%s", (unsigned long long)a->seed,
			       typed + strlen("wedge run"));
	free(typed);
	return 0;
}

/* Every scenario is loaded before the first one runs. Returns the exit status, or -1 with *e. */
static int run_names(char *const *names, size_t n, struct run_args *a, struct err *e)
{
	struct scenario **list = xcalloc(n, sizeof(struct scenario *));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = load_selected(names[i], a, &list[i], e);
	if (rc == 0 && run_with_wanted(a))
		rc = run_with_check(list, n, a, e);
	if (rc == 0 && !run_with_wanted(a) && check_folders(list, n, a, e) == -1)
		rc = -1;
	if (rc == 0 && !run_with_wanted(a) && (n > 1 || a->all) &&
	    index_check(index_folder(a), e) == -1)
		rc = -1;
	if (rc == 0 && lab_probe(e) == -1)
		rc = -1;
	if (rc == 0 && !a->seed_given)
		rc = choose_seed(a, e);
	if (rc == 0)
		rc = run_with_wanted(a) ? run_with(list, n, a) : run_shown(list, n, a, e);
	for (size_t i = 0; i < n; i++)
		scenario_free(list[i]);
	free(list);
	return rc;
}

static int run_catalog(struct run_args *a, struct err *e)
{
	char **names;
	size_t n;
	int rc = catalog_names(a->catalog, &names, &n, e);

	if (rc == -1)
		return -1;
	rc = n ? run_names(names, n, a, e)
	       : err_set(e, "the catalogue %s has no scenario", a->catalog);
	catalog_names_free(names, n);
	return rc;
}

int cmd_run(int argc, char **argv)
{
	struct run_args a = {.seed_given = false};
	struct err e = {""};
	int status = run_args_parse(argc, argv, &a, &e);

	if (status > 0 && a.blind)
		status = run_blind(argv + status, (size_t)(argc - status), &a, &e);
	else if (status > 0 && a.all)
		status = run_catalog(&a, &e);
	else if (status > 0)
		status = run_names(argv + status, (size_t)(argc - status), &a, &e);
	else if (status == 0)
		run_args_print_help();
	if (status == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	run_args_fini(&a);
	return status == -1 ? 2 : status;
}
