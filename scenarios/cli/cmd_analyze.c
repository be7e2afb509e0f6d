/* cmd_analyze.c - "wedge analyze CAPTURE": why the connections of any capture stood still. */
#include "scenarios/cli/commands.h"

#include "proxy/base/options.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/diagnosis/page.h"
#include "scenarios/match/match_page.h"
#include "scenarios/pairs/pair_page.h"

struct analyze_args {
	bool json;
	const char *catalog; /* NULL: that in the binary */
};

static const struct option_row analyze_rows[] = {
    O_WORD("catalog", "DIR", struct analyze_args, catalog,
	   .help = "compare with the signatures of the YAML files of DIR\n"
		   "instead of the built-in catalogue's"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command analyze_command = {
    .name = "analyze",
    .tables = (const struct option_row *const[]){analyze_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before = "Usage: wedge analyze [OPTION]... CAPTURE [CAPTURE2]\n"
		   "Says why the TCP connections of a capture stood still: each wait that is long\n"
		   "enough to be felt, with one cause and the frames that prove it; and which\n"
		   "documented failure of the catalogue that is, or nearly.\n"
		   "\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when the capture can't be read.\n",
    .help_column = 18,
    .help_in_lines = true,
};

#define RANKED 100

static int analyze_capture(const struct analyze_args *a, const char *path, struct err *e)
{
	struct diagnosis d;
	struct matches m;
	int rc;

	if (diagnosis_read(path, RANKED, &d, e))
		return -1;
	rc = matches_make(&d, a->catalog, metric_known, &m, e);
	if (rc == 0) {
		match_page_write(&m, stdout);
		page_write(&d, path, stdout);
		matches_fini(&m);
	}
	diagnosis_fini(&d);
	return rc;
}

static int analyze_pair(const char *const paths[2], struct err *e)
{
	struct attribution a;

	if (attribution_read(paths, &a, e))
		return -1;
	pair_page_write(&a, paths, stdout);
	attribution_fini(&a);
	return 0;
}

/* As options_parse; the first capture is argv[what it returns]. */
static int parse_args(int argc, char **argv, struct analyze_args *a, struct err *e)
{
	int first = options_parse(&analyze_command, a, argc, argv, NULL, e);

	if (first > 0 && first == argc)
		return err_set(e, "a capture is missing: wedge analyze FILE");
	if (first > 0 && first + 2 < argc)
		return err_set(e,
			       "'%s' is not expected here; one capture is, or two of one traffic",
			       argv[first + 2]);
	return first;
}

int cmd_analyze(int argc, char **argv)
{
	struct analyze_args a = {.json = false};
	struct err e = {""};
	int rc = parse_args(argc, argv, &a, &e);

	if (rc == 0) {
		options_print_help(&analyze_command, stdout);
		return 0;
	}
	if (rc > 0 && rc + 1 < argc)
		rc = analyze_pair((const char *const[]){argv[rc], argv[rc + 1]}, &e);
	else if (rc > 0)
		rc = analyze_capture(&a, argv[rc], &e);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	return rc == -1 ? 2 : 0;
}
