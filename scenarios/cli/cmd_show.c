/* cmd_show.c - "wedge show NAME": one failure's story, source, numbers and parameters. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/options.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/cli/show_json.h"
#include "scenarios/cli/show_text.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/catalog_load.h"
#include "scenarios/scenario/scenario_load.h"

#include <string.h>

struct show_args {
	const char *where, *catalog;
	bool json, yaml, quick;
};

static const struct option_row show_rows[] = {
    O_WORD("catalog", "DIR", struct show_args, catalog,
	   .help = "take the catalogue from DIR instead of the built-in one"),
    O_FLAG("quick", struct show_args, quick, .help = "as 'wedge run --quick' would run it"),
    O_FLAG("json", struct show_args, json, .help = "everything as one JSON object"),
    O_FLAG("yaml", struct show_args, yaml,
	   .help = "the scenario's file as it is: a start for one of your own"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command show_command = {
    .name = "show",
    .tables = (const struct option_row *const[]){show_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before =
	"Usage: wedge show [OPTION]... SCENARIO\n"
	"Tells one documented failure: who saw what, where that is written, what is run to "
	"reproduce\n"
	"it and what must then be measured. SCENARIO is a name or a number (F14) of the catalogue\n"
	"(wedge list) or the path of a YAML file.\n"
	"\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when there is no such scenario or it can't be read.\n",
    .help_column = 21,
    .help_in_lines = true,
};

static int print_yaml(const char *where, const char *catalog, struct err *e)
{
	char *text;
	size_t len;

	if (strchr(where, '/') || strstr(where, ".yaml"))
		return err_set(e, "--yaml prints a scenario of the catalogue; %s is a file already",
			       where);
	if (catalog_text(catalog, where, &text, &len, e) == -1)
		return -1;
	fwrite(text, 1, len, stdout);
	free(text);
	return 0;
}

/* As options_parse. */
static int parse_args(int argc, char **argv, struct show_args *a, struct err *e)
{
	int first = options_parse(&show_command, a, argc, argv, NULL, e);

	if (first <= 0)
		return first;
	if (first + 1 != argc)
		return err_set(e, "name one scenario; wedge list shows the catalogue");
	if (a->json && a->yaml)
		return err_set(e, "either --json or --yaml, not both");
	a->where = argv[first];
	return first;
}

int cmd_show(int argc, char **argv)
{
	struct show_args a = {.where = NULL};
	char *name = NULL;
	struct scenario *s = NULL;
	struct err e = {""};
	int rc = parse_args(argc, argv, &a, &e);

	if (rc == 0) {
		options_print_help(&show_command, stdout);
		return 0;
	}
	if (rc > 0)
		name = catalog_name(a.where, a.catalog, metric_known, &e);
	if (rc > 0)
		rc = !name ? -1
			   : scenario_load(name, a.catalog, a.quick, metric_known, NULL, &s, &e);
	if (rc == 0 && a.yaml)
		rc = print_yaml(name, a.catalog, &e);
	else if (rc == 0 && a.json)
		show_json(s);
	else if (rc == 0)
		show_text(s);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	scenario_free(s);
	free(name);
	return rc == 0 ? 0 : 2;
}
