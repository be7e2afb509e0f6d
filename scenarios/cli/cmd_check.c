/* cmd_check.c - "wedge check -- COMMAND": a row for each hang point as soon as it is known. */
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/check/card_html.h"
#include "scenarios/check/card_junit.h"
#include "scenarios/cli/check_args.h"
#include "scenarios/cli/check_judge.h"
#include "scenarios/cli/check_play.h"
#include "scenarios/cli/check_screen.h"
#include "scenarios/cli/commands.h"
#include "scenarios/run/workdir.h"

#include <string.h>
#include <unistd.h>

static void print_json(const struct card *c)
{
	json_t *json = card_json(c);

	json_dumpf(json, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(json);
}

static bool is_whole(const struct card *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->cells[i].grade == GRADE_INVALID)
			return false;
	return !c->not_gradable;
}

/* Where the runs work: below the folder that is kept, or for the time being. */
static struct workdir *open_folder(const struct check_args *a, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *path =
	    a->keep ? xstrdup(a->keep)
		    : xasprintf("%s/wedge-check-%ld", tmp && *tmp ? tmp : "/tmp", (long)getpid());
	struct workdir *w = workdir_open(path, a->keep ? "--keep" : "TMPDIR", e);

	free(path);
	return w;
}

static int end_folder(const struct check_args *a, struct workdir *w, struct err *e)
{
	char *beside;
	int rc;

	if (!a->keep) {
		workdir_discard(w);
		return 0;
	}
	beside = workdir_commit(w, e);
	rc = beside ? -1 : 0;
	free(beside);
	return rc;
}

static int check_files(const struct check_args *a, struct err *e)
{
	if (a->junit && a->html && strcmp(a->junit, a->html) == 0)
		return err_set(e, "--junit and --html name one file, '%.60s'", a->html);
	if (a->junit && card_check_junit(a->junit, e) == -1)
		return -1;
	return a->html ? card_check_html(a->html, e) : 0;
}

static int write_files(const struct check_args *a, const struct card *c, struct err *e)
{
	if (a->junit && card_write_junit(c, a->junit, e) == -1)
		return -1;
	return a->html ? card_write_html(c, a->html, e) : 0;
}

static int run_check(const struct check_args *a, const struct check_judge *j, struct err *e)
{
	struct check_screen s = {.quiet = a->json};
	const struct check_watcher watcher = check_screen_watcher(&s);
	struct workdir *w = open_folder(a, e);
	struct card card = {NULL};
	int rc = w ? check_play(a, workdir_path(w), &watcher, &card, e) : -1, status = 2;

	if (rc == 0) {
		check_judge_card(j, &card);
		if (a->json) {
			print_json(&card);
		} else {
			check_screen_end(&card, &s);
			check_judge_print(&card);
		}
		rc = write_files(a, &card, e);
		status = card.not_gradable ? 2 : is_whole(&card) && !card_unexpected(&card) ? 0 : 1;
	}
	if (w && end_folder(a, w, rc == 0 ? e : &(struct err){""}) == -1 && rc == 0)
		rc = -1;
	card_fini(&card);
	return rc == 0 ? status : -1;
}

int cmd_check(int argc, char **argv)
{
	struct check_args a;
	struct check_judge j = {NULL};
	struct err e = {""};
	int rc = check_args_parse(argc, argv, &a, &e);

	if (rc == 0) {
		check_args_print_help();
	} else if (rc == 1) {
		rc = check_judge_init(&j, &a, &e);
		if (rc == 0)
			rc = check_files(&a, &e);
		if (rc == 0 && !a.seed_given)
			rc = rng_draw_seed(&a.plan.seed, &e);
		if (rc == 0)
			rc = run_check(&a, &j, &e);
	}
	if (rc == -1)
		fprintf(stderr, "wedge: check: %s\n", e.text);
	check_judge_fini(&j);
	check_args_fini(&a);
	return rc == -1 ? 2 : rc;
}
