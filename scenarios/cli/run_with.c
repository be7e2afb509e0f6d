/* run_with.c - the guest is the scenario's own, with the words of the command line in it. */
#include "scenarios/cli/run_with.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "scenarios/annotate/annotate.h"
#include "scenarios/base/layout.h"
#include "scenarios/live/live_run.h"
#include "scenarios/run/guest_run.h"
#include "scenarios/run/workdir.h"
#include "scenarios/scenario/words.h"

#include <string.h>

#define RESULT_FILE "client.json"

bool run_with_wanted(const struct run_args *a)
{
	return a->with || a->real_client;
}

int run_with_check(struct scenario *const *list, size_t n, const struct run_args *a, struct err *e)
{
	if (a->with && a->real_client)
		return err_set(e, "--real-client is the scenario's own program, --with yours: one "
				  "of them");
	if (a->jobs)
		return err_set(e, "--jobs: with a program of yours the scenarios run in turn");
	for (size_t i = 0; a->real_client && i < n; i++)
		if (!list[i]->real_client)
			return err_set(e,
				       "%s: the scenario names no real_client; --with COMMAND "
				       "takes one of yours",
				       list[i]->name);
	return 0;
}

static int replace_words(const char *text, const char *option, char ***argv, struct err *e)
{
	char **words;

	if (words_split(text, &words, e) == -1)
		return err_wrap(e, "%s", option);
	words_free(*argv);
	*argv = words;
	return 0;
}

/* Makes the guest: where and when the scenario's own takes part, the user's takes part, too. */
static struct guest *make_guest(const struct scenario *s, const struct run_args *a, struct err *e)
{
	const struct guest *own = s->real_client;
	struct guest *g = guest_new();
	int rc = 0;

	if (own) {
		g->argv = words_copy(own->argv);
		g->server = words_copy(own->server);
		g->ready_after = own->ready_after;
		g->alone = own->alone;
		g->on = own->on ? xstrdup(own->on) : NULL;
		g->section = own->section ? xstrdup(own->section) : NULL;
		g->after = own->after;
		g->limit = a->with ? GUEST_LIMIT : own->limit;
	}
	for (size_t i = 0; own && i < own->nfelt; i++) {
		g->felt = xrealloc(g->felt, g->nfelt + 1, sizeof(*g->felt));
		g->felt[g->nfelt] = own->felt[i];
		g->felt[g->nfelt].phase = xstrdup(own->felt[i].phase);
		g->felt[g->nfelt].says = own->felt[i].says ? xstrdup(own->felt[i].says) : NULL;
		g->nfelt++;
	}
	if (a->with)
		rc = replace_words(a->with, "--with", &g->argv, e);
	if (rc == 0 && a->with_server) {
		rc = replace_words(a->with_server, "--with-server", &g->server, e);
		g->alone = true;
	}
	if (a->with_limit)
		g->limit = a->with_limit;
	if (rc == 0)
		return g;
	guest_free(g);
	return NULL;
}

static void print_phase(const struct guest_phase *p, size_t width)
{
	char took[UNITS_TEXT], status[24] = "waits";
	char *first, *name;

	if (!p->limited)
		snprintf(status, sizeof(status), "%d", p->status);
	name = xasprintf("  %-*s  %6s  %9s  ", (int)width, p->name, status,
			 format_seconds(p->seconds, took));
	first = *p->last ? xstrdup(p->last) : xstrdup("(no output)");
	layout_wrap(stdout, name, strlen(name), first);
	free(first);
	free(name);
	if (p->differs)
		printf("  %-*s  otherwise than the scenario says: %s\n", (int)width, "",
		       p->differs);
}

static void print_result(const struct scenario *s, const struct guest_result *r, const char *out)
{
	size_t width = strlen("phase");
	char *command = words_join(r->guest->argv), *clean = layout_clean(command);
	char *folder = text_print_line(out);

	for (size_t i = 0; i < r->n; i++)
		if (strlen(r->phases[i].name) > width)
			width = strlen(r->phases[i].name);
	layout_wrap(stdout, "", 2, clean);
	printf("in %s%s%s%s, seed %llu\n\n", s->failure ? s->failure : "", s->failure ? " " : "",
	       s->name, r->guest->alone ? ", in the place of its main client" : "",
	       (unsigned long long)r->report->seed);
	printf("  %-*s  %6s  %9s  last words\n", (int)width, "phase", "status", "time");
	for (size_t i = 0; i < r->n; i++)
		print_phase(&r->phases[i], width);
	printf("\nReport: %s\n", folder);
	free(folder);
	free(clean);
	free(command);
}

/* 0: as wanted in every phase; 1: not in one. */
static int judge_result(const struct guest_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->judged ? r->phases[i].differs != NULL
			      : r->phases[i].limited || r->phases[i].status != 0)
			return 1;
	return 0;
}

static int write_result(const struct guest_result *r, const char *folder, struct err *e)
{
	char *path = xasprintf("%s/" RESULT_FILE, folder);
	json_t *json = guest_result_json(r);
	int rc = json_dump_file(json, path, JSON_INDENT(1));

	if (rc == -1)
		err_set(e, "can't write %s", path);
	json_decref(json);
	free(path);
	return rc;
}

static void print_json(const struct guest_result *r)
{
	json_t *json = guest_result_json(r);

	json_dumpf(json, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(json);
}

static char *name_with_folder(const struct run_args *a, const struct scenario *s, size_t n)
{
	if (!a->out)
		return xasprintf("wedge-report/%s-with", s->name);
	return n > 1 || a->all ? xasprintf("%s/%s", a->out, s->name) : xstrdup(a->out);
}

/* Plays, writes the folder and prints; the exit status, or -1 with *e. */
static int play_guest(const struct scenario *s, const struct guest *g, const struct run_args *a,
		      const char *out, struct workdir *w, struct err *e)
{
	const struct run_options o = {.folder = workdir_path(w),
				      .command = a->command,
				      .phases = a->nphases ? a->phases : NULL,
				      .seed = a->seed,
				      .log_level = LOG_LEVEL_WARN + (int)a->verbose};
	const enum place place = (enum place)s->pins.place;
	const enum leg legs[LEG_COUNT] = {place_leg(place, LEG_CLIENT),
					  place_leg(place, LEG_SERVER)};
	struct live_run *shown = live_run_begin(o.folder, s->name, legs);
	struct guest_result *r = guest_run(s, g, a->real_client, &o, e);
	struct err why = {""};
	char *kept;
	int status;

	live_run_end(shown);
	if (!r || write_result(r, o.folder, e) == -1) {
		guest_result_free(r);
		workdir_discard(w);
		return -1;
	}
	if (!a->raw_captures && annotate_report(r->report, o.folder, &why) == -1)
		fprintf(stderr, "wedge: warning: %s: %s\n", s->name, why.text);
	status = judge_result(r);
	kept = workdir_commit(w, &why);
	if (kept) {
		fprintf(stderr, "wedge: %s: %s\n", s->name, why.text);
		status = 2;
	}
	if (a->json)
		print_json(r);
	else
		print_result(s, r, kept ? kept : out);
	fflush(stdout);
	free(kept);
	guest_result_free(r);
	return status;
}

static int run_one_with(const struct scenario *s, size_t n, const struct run_args *a)
{
	char *out = name_with_folder(a, s, n);
	struct err e = {""};
	struct guest *g = make_guest(s, a, &e);
	struct workdir *w = g ? workdir_open(out, "--out", &e) : NULL;
	int status = w ? play_guest(s, g, a, out, w, &e) : -1;

	if (status == -1) {
		fprintf(stderr, "wedge: %s: %s\n", s->name, e.text);
		status = 2;
	}
	guest_free(g);
	free(out);
	return status;
}

int run_with(struct scenario *const *list, size_t n, const struct run_args *a)
{
	int worst = 0;

	for (size_t i = 0; i < n; i++) {
		int status = run_one_with(list[i], n, a);

		worst = status > worst ? status : worst;
	}
	return worst;
}
