/* cmd_answer.c - "wedge answer DIR NAME": whether that is what a blind run has played. */
#include "scenarios/cli/commands.h"

#include "proxy/base/options.h"
#include "scenarios/blind/answer_json.h"
#include "scenarios/blind/answer_page.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/diagnosis_report/json.h"

struct answer_args {
	const char *folder, *word, *catalog;
	bool give_up, json;
};

static const struct option_row answer_rows[] = {
    O_FLAG("give-up", struct answer_args, give_up, .help = "tell what it was"),
    O_FLAG("json", struct answer_args, json,
	   .help = "the same as one JSON object\n(docs/training/answer-format.md)"),
    O_WORD("catalog", "DIR", struct answer_args, catalog,
	   .help = "the catalogue that it was played from, instead of the\nbuilt-in one"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command answer_command = {
    .name = "answer",
    .tables = (const struct option_row *const[]){answer_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before = "Usage: wedge answer [OPTION]... DIR NAME\n"
		   "       wedge answer [OPTION]... DIR --give-up\n"
		   "Says whether NAME is the failure that 'wedge run --blind' has played and left "
		   "in DIR, and\n"
		   "why, or what in its captures speaks against it. NAME is a scenario's name or "
		   "number (F14);\n"
		   "'wedge list' shows the names.\n"
		   "\n",
    .help_after = "\n"
		  "Exit status: 0 right, 1 wrong or given up, 2 it can't be told.\n",
    .help_column = 21,
    .help_in_lines = true,
};

/* As options_parse. */
static int parse_args(int argc, char **argv, struct answer_args *a, struct err *e)
{
	int first = options_parse(&answer_command, a, argc, argv, NULL, e), wanted;

	if (first <= 0)
		return first;
	wanted = a->give_up ? 1 : 2;
	if (argc - first > wanted)
		return err_set(e, "'%.60s' is not expected here", argv[first + wanted]);
	if (argc == first)
		return err_set(e, "name the folder of a blind run");
	if (argc - first < wanted)
		return err_set(e, "name a failure, as F14, or --give-up");
	a->folder = argv[first];
	a->word = a->give_up ? NULL : argv[first + 1];
	return first;
}

int cmd_answer(int argc, char **argv)
{
	struct answer_args a = {NULL};
	struct err e = {""};
	struct answer answer;
	int rc = parse_args(argc, argv, &a, &e), status = 2;

	if (rc == 0) {
		options_print_help(&answer_command, stdout);
		return 0;
	}
	if (rc > 0) {
		rc = answer_make(a.folder, a.word, a.catalog, metric_known, &answer, &e);
		if (rc == 0 && a.json)
			rc = json_write(answer_json(&answer), stdout, &e);
		else if (rc == 0)
			answer_page_write(&answer, stdout);
		if (rc == 0)
			status = answer_is_right(&answer) ? 0 : 1;
		answer_fini(&answer);
	}
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	return status;
}
