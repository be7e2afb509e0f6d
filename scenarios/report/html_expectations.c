/* html_expectations.c - a row for each; on a phone its cells stand below each other, named. */
#include "scenarios/report/html_expectations.h"

#include "scenarios/report/html_text.h"

enum part { PART_DOCUMENTED, PART_OTHER, PART_SKIPPED };

static bool is_of(const struct result_expectation *x, enum part part)
{
	if (x->skipped || part == PART_SKIPPED)
		return x->skipped && part == PART_SKIPPED;
	return (x->documented != NULL) == (part == PART_DOCUMENTED);
}

static size_t count_part(const struct result *r, enum part part)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nexpectations; i++)
		n += is_of(&r->expectations[i], part);
	return n;
}

static void write_cell(const char *label, const char *class, const char *text, FILE *out)
{
	fprintf(out, "<td data-is=\"%s\"%s%s%s>", label, class ? " class=\"" : "",
		class ? class : "", class ? "\"" : "");
	html_text(out, text ? text : "-");
	fputs("</td>", out);
}

static void write_row(const struct result_expectation *x, enum part part, FILE *out)
{
	const char *word = x->skipped ? "not judged" : x->ok ? "holds" : "fails";

	fputs("<tr>", out);
	if (part == PART_DOCUMENTED)
		write_cell("documented", NULL, x->documented, out);
	write_cell("measured", "measured", x->measured, out);
	fprintf(out, "<td class=\"word %s\">%s</td><td><code>", x->skipped ? "open" : word, word);
	html_text(out, x->text);
	fputs("</code></td></tr>\n", out);
}

static void write_part(const struct result *r, enum part part, const char *title, FILE *out)
{
	if (!count_part(r, part))
		return;
	fprintf(out,
		"<h2>%s</h2>\n<table class=\"stack\">\n<thead><tr>%s<th>measured</th><th></th>"
		"<th>expected</th></tr></thead>\n<tbody>\n",
		title, part == PART_DOCUMENTED ? "<th>documented</th>" : "");
	for (size_t i = 0; i < r->nexpectations; i++)
		if (is_of(&r->expectations[i], part))
			write_row(&r->expectations[i], part, out);
	fputs("</tbody>\n</table>\n", out);
}

void html_documented(const struct result *r, FILE *out)
{
	fputs("<section id=\"documented\">\n", out);
	write_part(r, PART_DOCUMENTED, "Documented beside measured", out);
	fputs("</section>\n", out);
}

void html_expectations(const struct result *r, FILE *out)
{
	fputs("<section id=\"expectations\">\n", out);
	write_part(r, PART_OTHER, "What else had to hold", out);
	write_part(r, PART_SKIPPED, "Not judged, since a phase that they name was not run", out);
	fputs("</section>\n", out);
}
