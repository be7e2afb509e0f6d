/* analyze_pair.c - whose time the waits were first: it says which capture is which, and which
 * connections and times of the second one are meant; then what each of them shows by itself, for
 * the match and for programs. */
#include "scenarios/cli/analyze_pair.h"

#include "proxy/base/own_file.h"
#include "proxy/base/text_print.h"
#include "scenarios/cli/analyze_annotate.h"
#include "scenarios/cli/analyze_progress.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/diagnosis_report/findings_page.h"
#include "scenarios/diagnosis_report/json.h"
#include "scenarios/match/match_page.h"
#include "scenarios/pairs/pair_json.h"
#include "scenarios/pairs/pair_page.h"
#include "scenarios/proof_comments/commented_copy.h"

#include <stdlib.h>
#include <string.h>

#define RANKED 100 /* connections of either capture, for programs */

struct pair {
	const struct analyze_args *args;
	struct attribution attribution;
	struct diagnosis found[2]; /* the one nearer to the client first */
	size_t n;		   /* of these that are made */
};

static int check_sources(const struct analyze_args *a, struct err *e)
{
	const char *const *paths = a->captures;

	if (!paths[1])
		return a->annotate ? commented_copy_check(paths[0], a->annotate, e) : 0;
	if (strcmp(paths[0], "-") == 0 || strcmp(paths[1], "-") == 0)
		return err_set(e, "two captures are read several times, which standard input "
				  "can't be; two files are expected");
	if (own_file_is_same(paths[0], paths[1]))
		return err_set(e,
			       "%s and %s are one file; two captures of one traffic are "
			       "expected",
			       paths[0], paths[1]);
	return 0;
}

static int attribute_time(struct pair *p, struct err *e)
{
	const struct analyze_args *a = p->args;
	struct pair_question q = {
	    .sources = {{a->captures[0], a->captures[1] ? CAPTURE_LEG_NONE : CAPTURE_LEG_CLIENT},
			{a->captures[1] ? a->captures[1] : a->captures[0],
			 a->captures[1] ? CAPTURE_LEG_NONE : CAPTURE_LEG_SERVER}},
	    .legs = !a->captures[1],
	    .selection = a->selection,
	};

	return attribution_read(&q, &p->attribution, e);
}

/* Makes both diagnoses. */
static int diagnose_both(struct pair *p, struct err *e)
{
	struct analyze_progress progress;
	int rc = 0;

	for (; rc == 0 && p->n < 2; p->n += rc == 0) {
		bool far = p->n == 1;
		const struct pair_source *source = attribution_source(&p->attribution, far);
		struct diagnosis_question q = {
		    .ranked = p->args->top ? (size_t)p->args->top : RANKED,
		    .leg = source->leg,
		    .selection = far ? p->attribution.far : p->attribution.question.selection,
		    .each = p->args->annotate != NULL,
		    .progress = analyze_progress_show,
		    .progress_arg = &progress,
		};

		analyze_progress_begin(&progress);
		rc = diagnosis_ask(source->path, &q, &p->found[p->n], e);
		analyze_progress_end(&progress);
	}
	return rc;
}

static const char *path_of(const struct pair *p, bool far)
{
	return attribution_source(&p->attribution, far)->path;
}

static int write_json(const struct pair *p, const struct matches *m, struct err *e)
{
	json_t *each[2];

	for (int i = 0; i < 2; i++)
		each[i] = json_make(&p->found[i], path_of(p, i == 1), json_null());
	return json_write(
	    json_make_pair(pair_json(&p->attribution), each[0], each[1], match_json(m)), stdout, e);
}

static void write_page(const struct pair *p, const struct matches *m)
{
	char *names[2];

	for (int i = 0; i < 2; i++)
		names[i] = text_print_line(p->attribution.question.sources[i].path);
	match_page_write(m, stdout);
	pair_page_write(&p->attribution, (const char *const *)names, stdout);
	findings_write(&p->found[0].groups.findings, "on the client's side", stdout);
	findings_write(&p->found[1].groups.findings, "on the server's side", stdout);
	for (int i = 0; i < 2; i++)
		free(names[i]);
}

static int write_outputs(const struct pair *p, struct err *e)
{
	const struct diagnosis *const found[] = {&p->found[0], &p->found[1]};
	struct matches m;
	int rc = matches_make_pair(found[0], found[1], p->args->catalog, metric_known, &m, e);

	if (rc == -1)
		return -1;
	if (p->args->json)
		rc = write_json(p, &m, e);
	else
		write_page(p, &m);
	matches_fini(&m);
	if (rc == 0 && p->args->annotate)
		rc = analyze_annotate(path_of(p, false), p->args->annotate, found, 2, e);
	for (int i = 0; rc == 0 && i < 2; i++)
		if (found[i]->cut_short)
			rc = err_set(e, "capture %s is read as far as it goes: %s",
				     path_of(p, i == 1), found[i]->cut_short);
	return rc;
}

int analyze_pair(const struct analyze_args *a, struct err *e)
{
	struct pair p = {.args = a};
	int rc;

	if (check_sources(a, e) == -1 || attribute_time(&p, e) == -1)
		return -1;
	rc = diagnose_both(&p, e);
	if (rc == 0)
		rc = write_outputs(&p, e);
	for (size_t i = 0; i < p.n; i++)
		diagnosis_fini(&p.found[i]);
	attribution_fini(&p.attribution);
	return rc;
}
