/* cmd_workloads.c - "wedge workloads [NAME]": every built-in client and server with its parameters,
 * as text, JSON or the reference, from the parameter tables. */
#include "scenarios/cli/commands.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/options.h"
#include "scenarios/base/layout.h"
#include "scenarios/cli/workload_reference.h"
#include "scenarios/workload/registry.h"

#include <jansson.h>

struct workloads_args {
	bool json, markdown;
};

static const struct option_row workloads_rows[] = {
    O_FLAG("json", struct workloads_args, json, .help = "everything as one JSON array"),
    O_FLAG("markdown", struct workloads_args, markdown, .help = "the reference, docs/workloads.md"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command workloads_command = {
    .name = "workloads",
    .tables = (const struct option_row *const[]){workloads_rows, NULL},
    .help_before = "Usage: wedge workloads [OPTION]... [NAME]\n"
		   "Lists the built-in clients and servers of scenarios, or explains one: its\n"
		   "parameters with their units, ranges and defaults.\n"
		   "\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when there is no such workload.\n",
    .help_column = 18,
    .help_in_lines = true,
};

static void print_role(const struct workload *w, bool server)
{
	const struct param *params = workload_params(w, server);
	char accepts[PARAM_ACCEPTS];

	printf("\n%s:%s\n", server ? "server" : "client", params->name ? "" : " no parameters");
	for (const struct param *p = params; p->name; p++) {
		bool live = !server && workload_reference_is_live(w, p);

		param_accepts(p, accepts, sizeof(accepts));
		printf("  %s: %s; default %s%s\n", p->name, accepts, workload_reference_default(p),
		       live ? "; live: steps may change it" : "");
		layout_wrap(stdout, "      ", 6, p->help);
	}
}

static void print_one(const struct workload *w)
{
	printf("%s: %s\n", w->name, w->summary);
	print_role(w, false);
	print_role(w, true);
	printf("\nIn a scenario: client: {app: %s, KEY: VALUE, ...}, --set client.KEY=VALUE.\n",
	       w->name);
}

static void print_list(void)
{
	for (size_t i = 0; workloads[i]; i++)
		printf("%-18s %s\n", workloads[i]->name, workloads[i]->summary);
	puts("\n'wedge workloads NAME' explains one.");
}

static json_t *list_params(const struct workload *w, bool server)
{
	json_t *list = json_array();
	char accepts[PARAM_ACCEPTS];

	for (const struct param *p = workload_params(w, server); p->name; p++) {
		param_accepts(p, accepts, sizeof(accepts));
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:b, s:s}", "name", p->name,
						      "accepts", accepts, "default", p->def, "live",
						      !server && workload_reference_is_live(w, p),
						      "help", p->help));
	}
	return list;
}

static void print_json(const struct workload *only)
{
	json_t *list = json_array();

	for (size_t i = 0; workloads[i]; i++) {
		const struct workload *w = workloads[i];

		if (!only || w == only)
			json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o}", "name",
							      w->name, "summary", w->summary,
							      "client", list_params(w, false),
							      "server", list_params(w, true)));
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

static int refuse_name(const char *name, struct err *e)
{
	const char *names[64] = {NULL}, *near;

	for (size_t i = 0; workloads[i] && i + 1 < ARRAY_LEN(names); i++)
		names[i] = workloads[i]->name;
	near = nearest_name(name, names);
	return near ? err_set(e, "'%s' is no workload; did you mean '%s'?", name, near)
		    : err_set(e, "'%s' is no workload; 'wedge workloads' lists them", name);
}

/* 0: help is wanted; -1 with *e; else 1, with *only the named workload, or NULL. */
static int parse_args(int argc, char **argv, struct workloads_args *a, const struct workload **only,
		      struct err *e)
{
	int first = options_parse(&workloads_command, a, argc, argv, NULL, e);

	if (first <= 0)
		return first;
	if (a->json && a->markdown)
		return err_set(e, "either --json or --markdown");
	if (argc - first > 1)
		return err_set(e, "workloads takes one name, '%s' is one too many",
			       argv[first + 1]);
	*only = first < argc ? workload_find(argv[first]) : NULL;
	return first == argc || *only ? 1 : refuse_name(argv[first], e);
}

int cmd_workloads(int argc, char **argv)
{
	struct workloads_args a = {.json = false};
	const struct workload *only = NULL;
	struct err e = {""};
	int rc = parse_args(argc, argv, &a, &only, &e);

	if (rc == -1)
		fprintf(stderr, "wedge: %s\n", e.text);
	else if (rc == 0)
		options_print_help(&workloads_command, stdout);
	else if (a.json)
		print_json(only);
	else if (a.markdown)
		workload_reference_markdown(only);
	else if (only)
		print_one(only);
	else
		print_list();
	return rc == -1 ? 2 : 0;
}
