/* cmd_list.c - "wedge list": the catalogue of documented failures, as text or JSON. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/scenario_load.h"

#include <getopt.h>
#include <jansson.h>

static const char usage[] =
    "Usage: wedge list [OPTION]...\n"
    "Lists the catalogue: every documented failure that 'wedge run NAME' reproduces and\n"
    "'wedge show NAME' explains.\n"
    "\n"
    "      --catalog DIR  list the YAML files of DIR instead of the built-in catalogue\n"
    "      --json         as one JSON array: name, title, source, phases\n"
    "  -h, --help         this text\n"
    "\n"
    "Exit status: 0, or 2 when a scenario of the catalogue can't be read.\n";

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
		rc = scenario_load(names[*n], catalog, false, phase_metric_known, NULL,
				   &(*list)[*n], e);
		if (rc == 0)
			++*n;
	}
	catalog_names_free(names, count);
	return rc;
}

/* 0: list; 1: help was printed; -1 with *e. */
static int parse_args(int argc, char **argv, const char **catalog, bool *json, struct err *e)
{
	static const struct option options[] = {
	    {"catalog", required_argument, NULL, 'c'},
	    {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			*catalog = optarg;
			break;
		case 'j':
			*json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		case ':':
			return err_set(e, "%s needs a value; see wedge list --help",
				       argv[optind - 1]);
		default:
			return err_set(e, "unknown option '%s'; see wedge list --help",
				       argv[optind - 1]);
		}
	}
	if (optind < argc)
		return err_set(e, "'%s' is not expected here; wedge show %s tells of one scenario",
			       argv[optind], argv[optind]);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	const char *catalog = NULL;
	struct scenario **list = NULL;
	struct err e = {""};
	bool json = false;
	size_t n = 0;
	int rc = parse_args(argc, argv, &catalog, &json, &e);

	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = load_all(catalog, &list, &n, &e);
	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	else if (json)
		print_json(list, n);
	else
		print_text(list, n);
	for (size_t i = 0; i < n; i++)
		scenario_free(list[i]);
	free(list);
	return rc == 0 ? 0 : 2;
}
