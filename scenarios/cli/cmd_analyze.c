/* cmd_analyze.c - "wedge analyze CAPTURE": why the connections of any capture stood still. */
#include "scenarios/cli/commands.h"

#include "proxy/base/text_print.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/cli/analyze_annotate.h"
#include "scenarios/cli/analyze_args.h"
#include "scenarios/cli/analyze_pair.h"
#include "scenarios/cli/analyze_progress.h"
#include "scenarios/cli/interrupted_input.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/cli/reread.h"
#include "scenarios/diagnosis_report/json.h"
#include "scenarios/diagnosis_report/ladder.h"
#include "scenarios/diagnosis_report/page.h"
#include "scenarios/fit/fit_file.h"
#include "scenarios/match/match_page.h"
#include "scenarios/proof_comments/commented_copy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int check_found(const struct diagnosis *d, const char *path, struct err *e)
{
	char packets[COUNT_TEXT];

	count_text(d->stream.packets, "packet", packets);
	if (d->cut_short)
		return err_set(e, "capture %s is read as far as it goes: %s", path, d->cut_short);
	if (d->stream.connections.begun == 0 && d->capture.cut)
		return err_set(e,
			       "capture %s: no TCP connection can be read in its %s; %" PRIu64
			       " cut by the snap length, and 64 bytes of each are enough",
			       path, packets, d->capture.cut);
	if (d->stream.connections.begun == 0)
		return err_set(e, "capture %s: no TCP connection is in its %s", path, packets);
	return 0;
}

static int write_report(const struct analyze_args *a, const struct diagnosis *d, const char *path,
			struct err *e)
{
	struct matches m;
	int rc = matches_make(d, a->catalog, metric_known, &m, e);

	if (rc == -1)
		return -1;
	if (a->json) {
		rc = json_write(json_make(d, path, match_json(&m)), stdout, e);
	} else if (d->stream.connections.begun) {
		char *name = text_print_line(path);

		match_page_write(&m, stdout);
		page_write(d, name, (size_t)a->top, stdout);
		free(name);
	}
	matches_fini(&m);
	return rc;
}

static int fit_capture(const char *path, const char *fit, const struct diagnosis *d, struct err *e)
{
	struct fit_outcome outcome;
	char left[UNITS_TEXT], all[UNITS_TEXT];

	if (fit_file_write(fit, path, d, &outcome, e))
		return -1;
	if (!outcome.any)
		fprintf(stderr,
			"wedge: nothing was found that an impairment makes; %s has the workload "
			"alone\n",
			fit);
	if (outcome.left)
		fprintf(stderr,
			"wedge: %s doesn't repeat %s of the %s that were lost; its last comments "
			"say which waits\n",
			fit, time_text(outcome.left, left),
			time_text(tallies_lost(&d->all.tallies), all));
	return 0;
}

/* Whether what is asked for can be written; nothing is read for it yet. */
static int check_outputs(const struct analyze_args *a, const char *path, struct err *e)
{
	if (a->fit && fit_file_check(a->fit, e))
		return -1;
	return a->annotate ? commented_copy_check(path, a->annotate, e) : 0;
}

static int check_connection(const struct diagnosis *d, const char *path, struct err *e)
{
	uint32_t number = d->question.selection.connection.number;
	uint32_t numbers = packet_stream_numbers(&d->stream);

	if (!d->question.selection.connection.given || number < numbers)
		return 0;
	return err_set(e, "capture %s has no connection %" PRIu32 "; 0 to %" PRIu32 " are in it",
		       path, number, numbers - 1);
}

/* Writes all that was asked for. path: as the user knows it; file: what can be read again. */
static int write_outputs(const struct analyze_args *a, const struct diagnosis *d, const char *path,
			 const char *file, struct err *e)
{
	if (d->stream.connections.begun && check_connection(d, path, e) == -1)
		return -1;
	if (write_report(a, d, path, e) == -1)
		return -1;
	if (d->stream.connections.begun && d->question.selection.connection.given && !a->json &&
	    ladder_write(d, file, analyze_args_waits(a), stdout, e) == -1)
		return -1;
	if (d->stream.connections.begun && a->annotate &&
	    analyze_annotate(file, a->annotate, &d, 1, e) == -1)
		return -1;
	if (d->stream.connections.begun && a->fit && fit_capture(file, a->fit, d, e) == -1)
		return -1;
	return check_found(d, path, e);
}

static int analyze_capture(struct analyze_args *a, const char *path, struct err *e)
{
	struct analyze_progress progress;
	struct diagnosis_question q = {
	    .ranked = a->top ? (size_t)a->top : 100,
	    .taken_at = a->from,
	    .leg = a->from == VANTAGE_CLIENT ? CAPTURE_LEG_CLIENT : CAPTURE_LEG_SERVER,
	    .selection = a->selection,
	    .each = a->annotate || a->selection.connection.given,
	    .progress = analyze_progress_show,
	    .progress_arg = &progress,
	};
	const char *file = path;
	struct diagnosis d;
	int rc;

	if (check_outputs(a, path, e) == -1)
		return -1;
	if (strcmp(path, "-") == 0)
		interrupted_input_begin();
	rc = q.each || a->fit ? reread_prepare(&file, e) : 0;
	analyze_progress_begin(&progress);
	if (rc == 0)
		rc = diagnosis_ask(file, &q, &d, e);
	analyze_progress_end(&progress);
	interrupted_input_end();
	if (rc == -1)
		return -1;
	rc = write_outputs(a, &d, path, file, e);
	diagnosis_fini(&d);
	return rc;
}

/* Whether it is a file that holds both legs of wedge's connections, and no one of them is asked
 * for. A pipe can't be read several times: there the server leg is taken, and the page says so. */
static bool has_both_legs(const struct analyze_args *a)
{
	struct err none;
	struct stat st;
	uint8_t legs;

	if (a->from || stat(a->captures[0], &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	return capture_reader_legs(a->captures[0], &legs, &none) == 0 && legs == CAPTURE_LEG_BOTH;
}

static int analyze_captures(struct analyze_args *a, struct err *e)
{
	bool legs = !a->captures[1] && has_both_legs(a);

	if (legs && analyze_args_check_pair(a, true, e) == -1)
		return -1;
	return legs || a->captures[1] ? analyze_pair(a, e) : analyze_capture(a, a->captures[0], e);
}

int cmd_analyze(int argc, char **argv)
{
	struct analyze_args a = {.json = false};
	struct err e = {""};
	int rc = analyze_args_parse(argc, argv, &a, &e);

	if (rc == 0 && a.help)
		analyze_help_print(stdout);
	else if (rc == 0)
		rc = analyze_captures(&a, &e);
	analyze_args_fini(&a);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	return rc == -1 ? 2 : 0;
}
