/* html_phases.c - more phases than a sheet of paper has room for go on in the next table. */
#include "scenarios/report/html_phases.h"

#include "scenarios/report/html_text.h"
#include "scenarios/report/table.h"

#include <string.h>

#define COLUMNS_MAX 6

static void write_impairments(const struct result *r, FILE *out)
{
	fputs("<dl>\n", out);
	for (size_t i = 0; i < r->nphases; i++) {
		const char *name = r->phases[i].name;
		char shown[128];

		if (continues_sweep(r, i))
			continue;
		snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(name, "@"), name);
		fputs("<dt>", out);
		html_text(out, shown);
		fputs("</dt><dd><code>", out);
		html_text(out, r->phases[i].impairments);
		fputs("</code></dd>\n", out);
	}
	fputs("</dl>\n", out);
}

/* A sweep's phases stand in tables of their own. */
static size_t find_table_end(const struct result *r, size_t from)
{
	size_t to = from + 1;

	while (to < r->nphases && to - from < COLUMNS_MAX &&
	       (!strchr(r->phases[to].name, '@') || continues_sweep(r, to)))
		to++;
	return to;
}

static void write_rows(const struct result *r, size_t from, size_t to, FILE *out)
{
	char buf[RESULT_VALUE_TEXT];

	fputs("<div class=\"wide\"><table class=\"sides\">\n<thead><tr><th></th>", out);
	for (size_t i = from; i < to; i++) {
		fputs("<th class=\"number\">", out);
		html_text(out, r->phases[i].name);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
	for (size_t k = 0; k < r->nrows; k++) {
		fputs("<tr><th>", out);
		html_text(out, r->rows[k].label);
		fputs("</th>", out);
		for (size_t i = from; i < to; i++) {
			fputs("<td class=\"number\">", out);
			html_text(out,
				  result_value_format(r->rows[k].values[i], r->rows[k].unit, buf));
			fputs("</td>", out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table></div>\n", out);
}

void html_phases(const struct result *r, FILE *out)
{
	size_t to;

	if (!r->nphases)
		return;
	fputs("<section id=\"phases\">\n<h2>Phases side by side</h2>\n", out);
	write_impairments(r, out);
	for (size_t from = 0; r->nrows && from < r->nphases; from = to) {
		to = find_table_end(r, from);
		write_rows(r, from, to, out);
	}
	fputs("<p class=\"faint\">A dash: not measured.</p>\n</section>\n", out);
}
