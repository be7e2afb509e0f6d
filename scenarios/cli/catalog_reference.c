/* catalog_reference.c - Markdown from what was loaded; what the files don't say isn't there. */
#include "scenarios/cli/catalog_reference.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/scenario/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char opening[] =
    "# The catalogue\n"
    "\n"
    "<!-- Written by 'wedge list --markdown' from scenarios/catalog/*.yaml. Change those, then\n"
    "     'cmake --build BUILD --target docs'; a test compares. -->\n"
    "\n"
    "Documented failures, each with its story, what its phases do, the documented words and "
    "numbers\n"
    "beside the expectation that judges them, and what one capture of it shows. `wedge run NAME`\n"
    "reproduces one, `wedge run --all` all of them, `wedge show NAME` has every parameter,\n"
    "`wedge analyze` compares a capture from the field with their signatures. A phase without\n"
    "impairments is healthy; phases beside *impaired* and *mitigated* are non-cures, controls and\n"
    "variants, as their notes say.\n"
    "\n"
    "A *real client* is a program of every day that takes part and feels the failure; its exit "
    "status,\n"
    "its time and its words (`...` for what differs from run to run) were measured and are "
    "compared "
    "again\n"
    "by `wedge run NAME --real-client`. `wedge run NAME --with 'COMMAND'` lets one of yours feel "
    "it "
    "([programs of yours](scenario-format.md#a-real-client)).\n";

/* Text inside a line or a table's cell. */
static void print_inline(const char *text)
{
	for (; text && *text; text++) {
		if (strchr("|*_`", *text))
			putchar('\\');
		if (*text == '<')
			fputs("&lt;", stdout);
		else
			putchar(*text == '\n' ? ' ' : *text);
	}
}

/* Text of a program's, in a cell. */
static void print_code(const char *text)
{
	putchar('`');
	for (; *text; text++)
		fputs(*text == '|' ? "\\|" : (char[]){*text, '\0'}, stdout);
	putchar('`');
}

/* Breaks lines as a person would, by words. */
static void print_paragraph(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " \n");
		char *copy = xasprintf("%.*s", (int)word, text);

		if (column && column + 1 + word > 100) {
			putchar('\n');
			column = 0;
		}
		if (column)
			putchar(' ');
		print_inline(copy);
		column += word + (column != 0);
		free(copy);
		text += word;
		text += strspn(text, " \n");
	}
	putchar('\n');
}

static void print_phases(const struct scenario *s)
{
	puts("\n| phase | impairments | what it shows |\n| --- | --- | --- |");
	for (size_t i = 0; i < s->nphases; i++) {
		const struct phase *p = &s->phases[i];
		char *impairments = impairment_set_describe(p->impairments);

		printf("| `%s` | ", p->name);
		if (p->impairments->n)
			print_code(impairments);
		else
			fputs("none", stdout);
		fputs(" | ", stdout);
		print_inline(p->note);
		puts(p->forward_only ? " (only in forward mode) |" : " |");
		free(impairments);
	}
}

static void print_documented(const struct scenario *s)
{
	bool begun = false;

	for (size_t i = 0; i < s->nexpects; i++) {
		if (!s->expects[i].documented)
			continue;
		if (!begun)
			puts("\n| documented | judged by |\n| --- | --- |");
		begun = true;
		fputs("| ", stdout);
		print_inline(s->expects[i].documented);
		fputs(" | ", stdout);
		print_code(s->expects[i].text);
		puts(" |");
	}
}

static void print_signature(const struct scenario *s)
{
	if (s->nsignatures)
		puts("\nIn a capture:\n");
	for (size_t i = 0; i < s->nsignatures; i++) {
		fputs("- ", stdout);
		print_inline(s->signatures[i].text);
		printf(" (%s)\n", s->signatures[i].vantages);
	}
	if (s->nfamily)
		fputs("\nOne capture can't tell it from:", stdout);
	for (size_t i = 0; i < s->nfamily; i++)
		printf("%s `%s`", i ? "," : "", s->family[i]);
	if (s->nfamily)
		putchar('\n');
}

static void print_felt(const struct guest_felt *f)
{
	char least[UNITS_TEXT], most[UNITS_TEXT];

	printf("| `%s` | ", f->phase);
	if (f->status == GUEST_WAITS)
		fputs("none, it still waits when it is ended", stdout);
	else
		printf("%d", f->status);
	printf(" | %s to %s | ", format_duration(f->least, least), format_duration(f->most, most));
	if (f->says)
		print_code(f->says);
	else
		fputs("nothing", stdout);
	puts(" |");
}

/* A command as a block, since it may have several lines. */
static void print_command(char *const *argv)
{
	char *text = words_join(argv);

	printf("\n\n```\n%s\n```\n", text);
	free(text);
}

/* What a real program says of it; "..." in its words is what differs from run to run. */
static void print_real_client(const struct scenario *s)
{
	const struct guest *g = s->real_client;

	if (!g)
		return;
	fputs("\nA real client", stdout);
	if (g->stands_for) {
		fputs(" stands for ", stdout);
		print_inline(g->stands_for);
	}
	if (g->on)
		printf("; it is on the traffic `%s`", g->on);
	if (g->section)
		printf("; it begins with the section `%s`", g->section);
	putchar(':');
	print_command(g->argv);
	if (g->server) {
		fputs("\nand its server, in the place of the built-in one:", stdout);
		print_command(g->server);
	}
	puts(
	    "\n| real client in | exit status | time | its own words |\n| --- | --- | --- | --- |");
	for (size_t i = 0; i < g->nfelt; i++)
		print_felt(&g->felt[i]);
}

static int by_failure(const void *x, const void *y)
{
	return scenario_compare(*(struct scenario *const *)x, *(struct scenario *const *)y);
}

void catalog_reference(struct scenario *const *list, size_t n)
{
	struct scenario **sorted = xcalloc(n + 1, sizeof(*sorted));

	memcpy(sorted, list, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_failure);
	fputs(opening, stdout);
	for (size_t i = 0; i < n; i++) {
		const struct scenario *s = sorted[i];

		printf("\n## %s%s%s\n\n**", s->failure ? s->failure : "", s->failure ? " " : "",
		       s->name);
		print_inline(s->title);
		fputs(".** Source: ", stdout);
		print_inline(s->source);
		puts(".\n");
		print_paragraph(s->story);
		print_phases(s);
		print_documented(s);
		print_signature(s);
		print_real_client(s);
	}
	free(sorted);
}
