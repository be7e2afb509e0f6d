/* cmd_list.c - "wedge list": the catalogue of documented failures, as text or JSON. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/options.h"
#include "scenarios/base/layout.h"
#include "scenarios/cli/catalog_reference.h"
#include "scenarios/cli/known_metrics.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/scenario_load.h"

#include <jansson.h>

struct list_args {
	const char *catalog;
	bool json, markdown;
};

static const struct option_row list_rows[] = {
    O_WORD("catalog", "DIR", struct list_args, catalog,
	   .help = "list the YAML files of DIR instead of the built-in catalogue"),
    O_FLAG("json", struct list_args, json,
	   .help = "as one JSON array: name, title, source, phases"),
    O_FLAG("markdown", struct list_args, markdown, .help = "the reference, docs/scenarios.md"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command list_command = {
    .name = "list",
    .tables = (const struct option_row *const[]){list_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before = "Usage: wedge list [OPTION]...\n"
		   "Lists the catalogue: every documented failure that 'wedge run NAME' reproduces "
		   "and\n"
		   "'wedge show NAME' explains.\n"
		   "\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when a scenario of the catalogue can't be read.\n",
    .help_column = 21,
    .help_in_lines = true,
};

static void print_text(struct scenario *const *list, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		if (layout_width(list[i]->name) > width)
			width = layout_width(list[i]->name);
	for (size_t i = 0; i < n; i++) {
		layout_pad(stdout, list[i]->name, width, false);
		layout_wrap(stdout, "  ", width + 2, list[i]->title);
	}
	puts("\n'wedge show NAME' tells the story, 'wedge run NAME' reproduces it.");
}

static void print_json(struct scenario *const *list, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct scenario *s = list[i];
		json_t *phases = json_array();

		for (size_t k = 0; k < s->nphases; k++)
			json_array_append_new(phases, json_string(s->phases[k].name));
		json_array_append_new(all,
				      json_pack("{s:s, s:s, s:s, s:o}", "name", s->name, "title",
						s->title, "source", s->source, "phases", phases));
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static int load_all(const char *catalog, struct scenario ***list, size_t *n, struct err *e)
{
	char **names;
	size_t count;
	int rc = 0;

	if (catalog_names(catalog, &names, &count, e) == -1)
		return -1;
	*list = xcalloc(count + 1, sizeof(struct scenario *));
	for (*n = 0; rc == 0 && *n < count;) {
		rc = scenario_load(names[*n], catalog, false, metric_known, NULL, &(*list)[*n], e);
		if (rc == 0)
			++*n;
	}
	catalog_names_free(names, count);
	return rc;
}

/* As options_parse. */
static int parse_args(int argc, char **argv, struct list_args *a, struct err *e)
{
	int first = options_parse(&list_command, a, argc, argv, NULL, e);

	if (first > 0 && first < argc)
		return err_set(e, "'%s' is not expected here; wedge show %s tells of one scenario",
			       argv[first], *argv[first] ? argv[first] : "NAME");
	if (first > 0 && a->json && a->markdown)
		return err_set(e, "either --json or --markdown");
	return first;
}

int cmd_list(int argc, char **argv)
{
	struct list_args a = {.catalog = NULL};
	struct scenario **list = NULL;
	struct err e = {""};
	size_t n = 0;
	int rc = parse_args(argc, argv, &a, &e);

	if (rc == 0) {
		options_print_help(&list_command, stdout);
		return 0;
	}
	if (rc > 0)
		rc = load_all(a.catalog, &list, &n, &e);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	else if (a.json)
		print_json(list, n);
	else if (a.markdown)
		catalog_reference(list, n);
	else
		print_text(list, n);
	for (size_t i = 0; i < n; i++)
		scenario_free(list[i]);
	free(list);
	return rc == 0 ? 0 : 2;
}
