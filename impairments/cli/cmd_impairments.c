/* cmd_impairments.c - "wedge impairments [NAME]": every impairment with its parameters as text or
 * JSON, from the parameter tables, or the whole reference. */
#include "impairments/cli/commands.h"

#include "impairments/cli/reference.h"
#include "impairments/set/registry.h"
#include "impairments/set/set_parse.h"
#include "proxy/base/mem.h"
#include "proxy/base/options.h"

#include <jansson.h>
#include <string.h>

enum { TEXT_WIDTH = 80 };

struct impairments_args {
	const struct option_row *form; /* the last that was given; NULL: text */
};

static int set_form(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct impairments_args *a = args;

	(void)value;
	(void)e;
	a->form = row;
	return 0;
}

enum { FORM_JSON, FORM_MARKDOWN };

static const struct option_row impairments_rows[] = {
    [FORM_JSON] = O_CALL("json", NULL, set_form, .help = "everything as one JSON array"),
    [FORM_MARKDOWN] =
	O_CALL("markdown", NULL, set_form, .help = "the reference, docs/impairments.md"),
    O_CALL("help", NULL, option_set_end, .letter = 'h', .help = "this text"),
    O_END,
};

static const struct option_command impairments_command = {
    .name = "impairments",
    .tables = (const struct option_row *const[]){impairments_rows, NULL},
    .wording = OPTIONS_PLAIN,
    .help_before =
	"Usage: wedge impairments [OPTION]... [NAME]\n"
	"Lists every impairment, or explains one: what it does on the wire, its parameters with\n"
	"their units, ranges and defaults.\n"
	"\n",
    .help_after = "\n"
		  "Exit status: 0, or 2 when there is no such impairment.\n",
    .help_column = 18,
    .help_in_lines = true,
};

/* Words of text on lines of at most TEXT_WIDTH columns; empty lines separate paragraphs. */
static void print_wrapped(const char *text, int indent)
{
	int column = 0;

	while (*text) {
		int n = (int)strcspn(text, " \n");

		if (column && column + 1 + n > TEXT_WIDTH) {
			putchar('\n');
			column = 0;
		}
		column +=
		    column ? printf(" %.*s", n, text) : printf("%*s%.*s", indent, "", n, text);
		text += n;
		if (*text == '\n') {
			fputs("\n", stdout);
			column = 0;
		}
		text += *text != '\0';
	}
	putchar('\n');
}

static void print_rows(const struct impairment *im, const struct param *table)
{
	char accepts[PARAM_ACCEPTS];

	for (const struct param *p = table; p->name; p++) {
		if (table == impair_common_params && !reference_has(im, p))
			continue;
		param_accepts(p, accepts, sizeof(accepts));
		printf("  %s: %s; default %s\n", p->name, accepts, reference_default(im, p));
		print_wrapped(p->help, 6);
	}
}

static void print_one(const struct impairment *im)
{
	printf("%s (%s plane): %s\n\n", im->name, reference_plane(im), im->summary);
	print_wrapped(im->doc, 0);
	printf("\nimpersonates:\n");
	print_wrapped(im->impersonates, 2);
	if (im->params->name)
		printf("\nits own parameters:\n");
	print_rows(im, im->params);
	printf("\nparameters that all have:\n");
	print_rows(im, impair_common_params);
	printf("\nexample: %s\n", im->example);
}

static void print_list(void)
{
	for (size_t i = 0; impairment_kinds[i]; i++)
		printf("%-18s %-7s %s\n", impairment_kinds[i]->name,
		       reference_plane(impairment_kinds[i]), impairment_kinds[i]->summary);
	puts("\n'wedge impairments NAME' explains one.");
}

static void add_rows(json_t *list, const struct impairment *im, const struct param *table)
{
	char accepts[PARAM_ACCEPTS];

	for (const struct param *p = table; p->name; p++) {
		if (table == impair_common_params && !reference_has(im, p))
			continue;
		param_accepts(p, accepts, sizeof(accepts));
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:b, s:s}", "name", p->name, "accepts",
				    accepts, "default", reference_default(im, p), "common",
				    table == impair_common_params, "help", p->help));
	}
}

static json_t *to_json(const struct impairment *im)
{
	json_t *rows = json_array();

	add_rows(rows, im, im->params);
	add_rows(rows, im, impair_common_params);
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o}", "name", im->name, "plane",
			 reference_plane(im), "summary", im->summary, "impersonates",
			 im->impersonates, "restamps", im->packet && im->packet->speaks_in,
			 "description", im->doc, "example", im->example, "parameters", rows);
}

static void print_json(const struct impairment *only)
{
	json_t *list = json_array();

	for (size_t i = 0; impairment_kinds[i]; i++)
		if (!only || impairment_kinds[i] == only)
			json_array_append_new(list, to_json(impairment_kinds[i]));
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

int cmd_impairments(int argc, char **argv)
{
	struct impairments_args a = {.form = NULL};
	const struct impairment *only = NULL;
	struct err e;
	int first = options_parse(&impairments_command, &a, argc, argv, NULL, &e);

	if (first == -1) {
		fprintf(stderr, "wedge: impairments: %s\n", e.text);
		return 2;
	}
	if (first == 0) {
		options_print_help(&impairments_command, stdout);
		return 0;
	}
	if (argc - first > 1) {
		err_set(&e, "impairments takes one name, '%s' is one too many", argv[first + 1]);
		fprintf(stderr, "wedge: %s\n", e.text);
		return 2;
	}
	if (first < argc) {
		only = impairment_named(argv[first], &e);
		if (!only) {
			fprintf(stderr, "wedge: %s\n", e.text);
			return 2;
		}
	}
	if (a.form == &impairments_rows[FORM_JSON])
		print_json(only);
	else if (a.form == &impairments_rows[FORM_MARKDOWN])
		reference_markdown(only);
	else if (only)
		print_one(only);
	else
		print_list();
	return 0;
}
