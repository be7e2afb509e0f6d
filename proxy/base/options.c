/* options.c - hands the rows to getopt_long, so that abbreviations, "--name=value" and words
 * between the options are as everywhere. */
#include "proxy/base/options.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"

#include <getopt.h>
#include <string.h>

enum { ROW_FIRST = 256 }; /* getopt's number of row 0: letters and '?' are below */

/* All rows of a command, and how getopt sees them. */
struct row_list {
	const struct option_row *row[OPTIONS_MAX];
	size_t n;
	struct option options[OPTIONS_MAX + 1];
	char letters[OPTIONS_MAX + 3];
};

int option_set_flag(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	*(bool *)((char *)args + row->offset) = true;
	return 0;
}

int option_set_word(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)e;
	*(const char **)((char *)args + row->offset) = value;
	return 0;
}

int option_set_times(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	++*(unsigned *)((char *)args + row->offset);
	return 0;
}

int option_set_count(void *args, const struct option_row *row, const char *value, struct err *e)
{
	struct given_count *c = (void *)((char *)args + row->offset);

	c->given = true;
	return parse_count(value, &c->n, e);
}

int option_set_nothing(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)args;
	(void)row;
	(void)value;
	(void)e;
	return 0;
}

int option_set_end(void *args, const struct option_row *row, const char *value, struct err *e)
{
	(void)args;
	(void)row;
	(void)value;
	(void)e;
	return OPTION_ENDS;
}

/* A colon makes getopt tell a missing value from an unknown option, and print neither. */
static void list_rows(const struct option_command *c, struct row_list *l)
{
	char *letter = l->letters;

	*l = (struct row_list){.n = 0};
	if (c->ends_at_word)
		*letter++ = '+';
	*letter++ = ':';
	for (const struct option_row *const *table = c->tables; *table; table++)
		for (const struct option_row *row = *table; row->name; row++) {
			BUG_ON(l->n == OPTIONS_MAX);
			l->options[l->n] =
			    (struct option){.name = row->name,
					    .has_arg = row->value ? required_argument : no_argument,
					    .val = ROW_FIRST + (int)l->n};
			l->row[l->n++] = row;
			if (row->letter)
				*letter++ = row->letter;
		}
}

static const struct option_row *find_row(const struct row_list *l, int opt)
{
	size_t i = 0;

	if (opt >= ROW_FIRST)
		return l->row[opt - ROW_FIRST];
	while (i < l->n && l->row[i]->letter != opt)
		i++;
	BUG_ON(i == l->n); /* getopt knows no letter but the rows' */
	return l->row[i];
}

static const char *find_nearest(const struct row_list *l, const char *wrong, char *buf, size_t len)
{
	char names[OPTIONS_MAX][OPTION_NAME_MAX];
	const char *list[OPTIONS_MAX + 1] = {NULL}, *near;

	for (size_t i = 0; i < l->n; i++) {
		snprintf(names[i], sizeof(names[i]), "--%s", l->row[i]->name);
		list[i] = names[i];
	}
	near = nearest_name(wrong, list);
	if (!near)
		return NULL;
	snprintf(buf, len, "%s", near);
	return buf;
}

static int refuse_option(const struct option_command *c, const struct row_list *l, int opt,
			 const char *word, struct err *e)
{
	char buf[OPTION_NAME_MAX];
	const char *near;

	switch (c->wording) {
	case OPTIONS_PLAIN:
		if (opt == ':')
			return err_set(e, "%s needs a value; see wedge %s --help", word, c->name);
		return err_set(e, "unknown option '%s'; see wedge %s --help", word, c->name);
	case OPTIONS_NEAREST:
		break;
	}
	if (opt == ':')
		return err_set(e, "%s needs a value; 'wedge %s --help' tells which", word, c->name);
	near = find_nearest(l, word, buf, sizeof(buf));
	if (near)
		return err_set(e, "unknown option %s; did you mean %s?", word, near);
	return err_set(e, "unknown option %s; 'wedge %s --help' lists them", word, c->name);
}

/* Refuses a second value where one is meant: which of them counts would be a guess. */
static int note_given(struct options_given *given, const struct option_row *row, struct err *e)
{
	for (size_t i = 0; i < given->n; i++) {
		if (given->row[i] != row)
			continue;
		if (!row->value || row->repeats)
			return 0;
		return err_set(e, "it is given twice; one is accepted");
	}
	given->row[given->n++] = row;
	return 0;
}

/* An empty one is a script's variable that nobody has set. */
static int refuse_empty(const struct option_row *row, struct err *e)
{
	const char *expected = strcmp(row->value, "FILE") == 0	? "a file's name"
			       : strcmp(row->value, "DIR") == 0 ? "a folder's name"
								: row->value;

	return err_set(e, "its value is empty; %s is expected", expected);
}

/* A setter with a grammar of its own has the better words for an empty value; one that opens a file
 * has worse ones. */
static int set_option(void *args, const struct option_row *row, const char *value, struct err *e)
{
	bool empty = row->value && !*value;
	bool plain = empty && (strcmp(row->value, "FILE") == 0 || strcmp(row->value, "DIR") == 0 ||
			       (row->param && row->param->type == PARAM_TEXT));
	int rc = plain ? 0 : row->set(args, row, value, e);

	return rc == 0 && empty ? refuse_empty(row, e) : rc;
}

int options_parse(const struct option_command *c, void *args, int argc, char **argv,
		  struct options_given *given, struct err *e)
{
	struct options_given here = {.n = 0};
	struct row_list l;
	int opt;

	list_rows(c, &l);
	given = given ? given : &here;
	optind = 0; /* getopt begins anew, and reads the first character of letters */
	opterr = 0;
	while ((opt = getopt_long(argc, argv, l.letters, l.options, NULL)) != -1) {
		const struct option_row *row;
		int rc;

		if (opt == '?' || opt == ':')
			return refuse_option(c, &l, opt, argv[optind - 1], e);
		row = find_row(&l, opt);
		rc = note_given(given, row, e);
		if (rc == 0)
			rc = set_option(args, row, optarg, e);
		if (rc == -1)
			return err_wrap(e, "--%s", row->name);
		if (rc == OPTION_ENDS)
			return 0;
	}
	return optind;
}

bool options_have(const struct options_given *given, const char *name)
{
	for (size_t i = 0; i < given->n; i++)
		if (strcmp(given->row[i]->name, name) == 0)
			return true;
	return false;
}

static void print_row(const struct option_command *c, const struct option_row *row, FILE *out)
{
	int used = row->letter	      ? fprintf(out, "  -%c, --%s", row->letter, row->name)
		   : c->help_in_lines ? fprintf(out, "      --%s", row->name)
				      : fprintf(out, "  --%s", row->name);

	if (row->value)
		used += fprintf(out, " %s", row->value);
	if (used >= c->help_column) {
		fputc('\n', out);
		used = 0;
	}
	fprintf(out, "%*s", c->help_column - used, "");
	for (const char *p = row->help; *p; p++)
		if (*p == '\n')
			fprintf(out, "\n%*s", c->help_column, "");
		else
			fputc(*p, out);
	fputc('\n', out);
}

void options_print_rows(const struct option_command *c, const struct option_row *rows, FILE *out)
{
	for (; rows->name; rows++)
		print_row(c, rows, out);
}

void options_print_help(const struct option_command *c, FILE *out)
{
	fputs(c->help_before, out);
	for (const struct option_row *const *table = c->tables; *table; table++)
		options_print_rows(c, *table, out);
	fputs(c->help_after, out);
}
