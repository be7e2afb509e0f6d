/* cmd_analyze.c - "wedge analyze CAPTURE": why the connections of any capture stood still. */
#include "scenarios/cli/commands.h"

#include "proxy/base/options.h"
#include "proxy/base/own_file.h"
#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "scenarios/cli/analyze_progress.h"
#include "scenarios/cli/interrupted_input.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/cli/reread.h"
#include "scenarios/diagnosis_report/json.h"
#include "scenarios/diagnosis_report/ladder.h"
#include "scenarios/diagnosis_report/page.h"
#include "scenarios/fit/fit_file.h"
#include "scenarios/match/match_page.h"
#include "scenarios/pairs/pair_page.h"
#include "scenarios/proof_comments/commented_copy.h"
#include "scenarios/proof_comments/proof_comments.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN	10 /* connections on the page */
#define TOP_MAX 1000000

struct analyze_args {
	bool json;
	const char *catalog;  /* NULL: that in the binary */
	const char *fit;      /* NULL: not asked for */
	const char *annotate; /* NULL: not asked for */
	uint64_t top;	      /* 0: not given */
	enum vantage from;
	struct selection selection;
};

static int add_network(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_add_network(&a->selection, value, e);
}

static int add_port(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_add_port(&a->selection, value, e);
}

static int set_connection(void *args, const struct option_row *row, const char *value,
			  struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_connection(&a->selection, value, e);
}

static int set_since(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_moment(&a->selection.since, value, e);
}

static int set_until(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	return selection_set_moment(&a->selection.until, value, e);
}

static int set_top(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	if (parse_count(value, &a->top, e) == -1)
		return -1;
	if (a->top < 1 || a->top > TOP_MAX)
		return err_set(e, "'%s' is out of range; 1 to %d is accepted", value, TOP_MAX);
	return 0;
}

static int set_from(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct analyze_args *a = args;

	(void)row;
	if (strcmp(value, "client") == 0)
		a->from = VANTAGE_CLIENT;
	else if (strcmp(value, "server") == 0)
		a->from = VANTAGE_SERVER;
	else
		return err_set(e, "'%s' is not accepted; client or server is", value);
	return 0;
}

static const struct option_row analyze_rows[] = {
    O_WORD("catalog", "DIR", struct analyze_args, catalog,
	   .help = "compare with the signatures of the YAML files of DIR\n"
		   "instead of the built-in catalogue's"),
    O_CALL("address", "ADDR[/LEN]", add_network, .repeats = true,
	   .help = "only connections with an end there; repeatable"),
    O_CALL("port", "PORT", add_port, .repeats = true,
	   .help = "only connections with an end at that port; repeatable"),
    O_CALL("connection", "N", set_connection,
	   .help = "only the connection of that number (tcp.stream), and its packets as a\n"
		   "ladder: those that prove its waits"),
    O_CALL("since", "TIME", set_since,
	   .help = "only what happened from then on: 90s after the first packet,\n"
		   "'2026-11-29 14:30:00' (local), 2026-11-29T14:30:00Z, @1764426600.5"),
    O_CALL("until", "TIME", set_until, .help = "only what happened up to then"),
    O_CALL("from", "client|server", set_from,
	   .help = "the side on which the capture was taken, which is judged otherwise"),
    O_CALL("top", "N", set_top,
	   .help = "this many connections and causes instead of 10 (JSON: 100)"),
    O_WORD("fit", "FILE", struct analyze_args, fit,
	   .help = "write a scenario that makes what the capture shows"),
    O_WORD("annotate", "OUT", struct analyze_args, annotate,
	   .help = "write the capture as pcapng with what was found as comments at the\n"
		   "packets that prove it, for Wireshark"),
    O_FLAG("json", struct analyze_args, json, .help = "JSON, as docs/analyze-format.md has it"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command analyze_command = {
    .name = "analyze",
    .tables = (const struct option_row *const[]){analyze_rows, NULL},
    .wording = OPTIONS_NEAREST,
    .help_before =
	"Usage: wedge analyze [OPTION]... CAPTURE [CAPTURE2]\n"
	"Says why the TCP connections of a capture stood still: each wait that is long\n"
	"enough to be felt, with one cause and the frames that prove it; and which\n"
	"documented failure of the catalogue that is, or nearly. CAPTURE is a\n"
	"pcap or pcapng file, packed by gzip or not; - is standard input. Two captures of\n"
	"one traffic, on both sides of a middlebox, say whose time each wait was; they are\n"
	"read without options.\n"
	"\n",
    .help_after = "\n"
		  "Exit status: 0; 2 when the capture can't be read, or not to its end, or when\n"
		  "there is no TCP in it.\n",
    .help_column = 24,
    .help_in_lines = true,
};

static int check_found(const struct diagnosis *d, const char *path, struct err *e)
{
	if (d->cut_short)
		return err_set(e, "capture %s is read as far as it goes: %s", path, d->cut_short);
	if (d->stream.connections.begun == 0 && d->capture.cut)
		return err_set(e,
			       "capture %s: no TCP connection can be read in its %" PRIu64
			       " packets; %" PRIu64 " were cut by the snap length, and 64 bytes of "
			       "each are enough",
			       path, d->stream.packets, d->capture.cut);
	if (d->stream.connections.begun == 0)
		return err_set(e, "capture %s: no TCP connection is in its %" PRIu64 " packets",
			       path, d->stream.packets);
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
		rc = json_write(d, path, match_json(&m), stdout, e);
	} else if (d->stream.connections.begun) {
		char *name = text_print_line(path);

		match_page_write(&m, stdout);
		page_write(d, name, a->top ? (size_t)a->top : SHOWN, stdout);
		free(name);
	}
	matches_fini(&m);
	return rc;
}

static int annotate_capture(const char *from, const char *to, const struct diagnosis *d,
			    struct err *e)
{
	struct comments comments;
	char *summary;
	uint64_t unplaced;
	int rc;

	proof_comments_make(d, &comments);
	summary = proof_comments_summary(d, &comments);
	rc = commented_copy_write(from, to, &comments, summary, &unplaced, e);
	free(summary);
	comments_free(&comments);
	if (rc == 0 && unplaced)
		fprintf(stderr,
			"wedge: %" PRIu64 " frames of %s have no comment: the format has no place "
			"for one in them (Simple Packet Block)\n",
			unplaced, to);
	return rc;
}

static int fit_capture(const char *path, const char *fit, const struct diagnosis *d, struct err *e)
{
	bool any;

	if (fit_file_write(fit, path, d, &any, e))
		return -1;
	if (!any)
		fprintf(stderr,
			"wedge: nothing was found that an impairment makes; %s has the workload "
			"alone\n",
			fit);
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

	if (!d->question.selection.connection.given || number < d->stream.connections.begun)
		return 0;
	return err_set(e, "capture %s has no connection %" PRIu32 "; 0 to %" PRIu32 " are in it",
		       path, number, d->stream.connections.begun - 1);
}

/* Writes all that was asked for. path: as the user knows it; file: what can be read again. */
static int write_outputs(const struct analyze_args *a, const struct diagnosis *d, const char *path,
			 const char *file, struct err *e)
{
	size_t shown = a->top ? (size_t)a->top : SHOWN;

	if (d->stream.connections.begun && check_connection(d, path, e) == -1)
		return -1;
	if (write_report(a, d, path, e) == -1)
		return -1;
	if (d->stream.connections.begun && d->question.selection.connection.given && !a->json &&
	    ladder_write(d, file, shown, stdout, e) == -1)
		return -1;
	if (d->stream.connections.begun && a->annotate &&
	    annotate_capture(file, a->annotate, d, e) == -1)
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

static int analyze_pair(const char *const paths[2], struct err *e)
{
	struct attribution a;
	char *names[2];

	for (int i = 0; i < 2; i++)
		if (strcmp(paths[i], "-") == 0)
			return err_set(e, "two captures are read several times, which standard "
					  "input can't be; two files are expected");
	if (own_file_is_same(paths[0], paths[1]))
		return err_set(e,
			       "%s and %s are one file; two captures of one traffic are "
			       "expected",
			       paths[0], paths[1]);
	if (attribution_read(paths, &a, e))
		return -1;
	for (int i = 0; i < 2; i++)
		names[i] = text_print_line(paths[i]);
	pair_page_write(&a, (const char *const *)names, stdout);
	attribution_fini(&a);
	free(names[0]);
	free(names[1]);
	return 0;
}

/* As options_parse; the first capture is argv[what it returns]. */
static int parse_args(int argc, char **argv, struct analyze_args *a, struct err *e)
{
	struct options_given given = {.n = 0};
	int first = options_parse(&analyze_command, a, argc, argv, &given, e);

	if (first > 0 && first == argc)
		return err_set(e, "a capture is missing: wedge analyze FILE");
	if (first > 0 && first + 2 < argc)
		return err_set(e,
			       "'%s' is not expected here; one capture is, or two of one traffic",
			       argv[first + 2]);
	for (int i = first; first > 0 && i < argc; i++)
		if (!*argv[i])
			return err_set(e, "a capture's name is empty; a file's name is expected");
	if (first > 0 && a->fit &&
	    (a->selection.nnetworks || a->selection.nports || a->selection.connection.given ||
	     a->selection.since.given || a->selection.until.given))
		return err_set(e, "--fit is about the whole capture; without --address, --port, "
				  "--connection, --since and --until");
	if (first > 0 && a->selection.since.given && a->selection.until.given &&
	    a->selection.since.relative == a->selection.until.relative &&
	    a->selection.since.ns >= a->selection.until.ns)
		return err_set(e, "--since is not before --until: no time is left");
	if (first > 0 && first + 2 == argc && given.n)
		return err_set(
		    e, "--%s is for one capture; two of one traffic are read without options",
		    given.row[0]->name);
	return first;
}

int cmd_analyze(int argc, char **argv)
{
	struct analyze_args a = {.json = false};
	struct err e = {""};
	int rc = parse_args(argc, argv, &a, &e);

	if (rc == 0) {
		options_print_help(&analyze_command, stdout);
	} else if (rc > 0 && rc + 1 < argc) {
		rc = analyze_pair((const char *const[]){argv[rc], argv[rc + 1]}, &e);
	} else if (rc > 0) {
		rc = analyze_capture(&a, argv[rc], &e);
	}
	selection_fini(&a.selection);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	return rc == -1 ? 2 : 0;
}
