/* card_html.c - the order of the page: what was run, all grades on one screen, what to do, and then
 * each cell with its packets. */
#include "scenarios/check/card_html.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "scenarios/base/whole_file.h"
#include "scenarios/check/card_advice.h"
#include "scenarios/check/card_field.h"
#include "scenarios/check/card_html_ladder.h"
#include "scenarios/check/card_setup.h"
#include "scenarios/report/html_head.h"
#include "scenarios/report/html_text.h"

#include <math.h>
#include <string.h>
#include <sys/utsname.h>

#define BEGIN HTML_DOCTYPE "<!-- wedge check -->\n"

static bool begins_page(const char *start, size_t len)
{
	return len >= strlen(BEGIN) && strncmp(start, BEGIN, strlen(BEGIN)) == 0;
}

static const struct own_kind page_kind = {.what = "a page of wedge check", .begins = begins_page};

/* The page's colours: good, bad, in between, not told. */
static const char *find_class(const struct card_cell *c)
{
	return c->letter == 'F' || c->unexpected      ? "fails"
	       : c->letter == '-'		      ? "faint"
	       : c->letter == 'A' || c->letter == 'B' ? "holds"
						      : "open";
}

static void write_pair(const char *name, const char *value, FILE *out)
{
	fprintf(out, "<dt>%s</dt><dd>", name);
	html_text(out, value);
	fputs("</dd>\n", out);
}

static void write_setup(const struct card *c, FILE *out)
{
	json_t *setup = card_setup_json(c->plan);

	for (const char *const *key = card_setup_keys; *key; key++) {
		const json_t *value = json_object_get(setup, *key);

		if (value)
			write_pair(*key, json_is_string(value) ? json_string_value(value) : "yes",
				   out);
	}
	json_decref(setup);
}

static void write_conditions(const struct card *c, FILE *out)
{
	struct utsname u;
	char text[UNITS_TEXT], *line;

	fputs("<dl id=\"conditions\">\n", out);
	write_pair("protocol", check_protocol_names[c->plan->protocol], out);
	write_setup(c, out);
	write_pair("limit", format_duration(c->plan->limit, text), out);
	line = xasprintf("%llu", (unsigned long long)c->plan->seed);
	write_pair("seed", line, out);
	free(line);
	line = uname(&u) == 0 ? xasprintf("wedge " WEDGE_VERSION ", %s %s", u.sysname, u.release)
			      : xstrdup("wedge " WEDGE_VERSION);
	write_pair("versions", line, out);
	free(line);
	if (c->not_gradable) {
		write_pair("not gradable", c->not_gradable, out);
	} else {
		line = xasprintf("status 0 in %s, %llu bytes",
				 format_seconds(c->healthy_seconds, text),
				 (unsigned long long)c->healthy_bytes);
		write_pair("healthy", line, out);
		free(line);
	}
	fputs("</dl>\n", out);
}

static void write_head(const struct card *c, FILE *out)
{
	char *title = xasprintf("wedge check: %s", c->command);

	fputs(BEGIN, out);
	html_head(out, title);
	free(title);
	fputs("<header>\n<p class=\"name\">wedge check</p>\n<h1><code>", out);
	html_text(out, c->command);
	fputs("</code></h1>\n", out);
	write_conditions(c, out);
	fputs("</header>\n<main>\n", out);
}

static void write_grade(const struct card_cell *c, FILE *out)
{
	fprintf(out, "<b class=\"%s\">%c %s</b>", find_class(c), c->letter, grade_names[c->grade]);
}

static void write_last_words(const char *words, FILE *out)
{
	fprintf(out, "<td class=\"any\"%s><code>",
		words && *words ? " data-is=\"last words:\"" : "");
	html_text(out, words);
	fputs("</code></td>", out);
}

static void write_row(const struct card_cell *c, FILE *out)
{
	const json_t *worst = json_array_get(c->runs, c->worst);
	char took[UNITS_TEXT] = "-";

	if (!isnan(c->seconds))
		format_seconds(c->seconds, took);
	fprintf(out, "<tr><td class=\"word\"><a href=\"#%s\">%s</a></td><td>", c->point->id,
		c->point->id);
	html_text(out, c->point->what);
	fputs("</td><td class=\"word\">", out);
	write_grade(c, out);
	fprintf(out, "</td><td class=\"word\" data-is=\"in\">%s</td><td data-is=\"must:\">", took);
	html_text(out, c->point->must);
	fputs("</td><td class=\"any\" data-is=\"why:\">", out);
	html_text(out, c->why);
	if (c->unexpected) {
		fputs("<br><span class=\"fails\">not as expected: ", out);
		html_text(out, c->unexpected);
		fputs("</span>", out);
	}
	fputs("</td>", out);
	write_last_words(card_text(worst, "last_line"), out);
	fputs("</tr>\n", out);
}

static void write_table(const struct card *c, FILE *out)
{
	fputs("<section id=\"card\">\n<h2>The card</h2>\n<div class=\"wide\">\n<table "
	      "class=\"stack grades\">"
	      "<thead><tr><th></th><th>fault</th><th>grade</th><th>seconds</th><th>a robust client"
	      "</th><th>why</th><th>its last words</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t i = 0; i < c->n; i++)
		write_row(&c->cells[i], out);
	fputs("</tbody></table>\n</div>\n</section>\n", out);
}

static void write_advice(const struct card *c, FILE *out)
{
	struct card_advice_list l;

	card_advice_gather(c, &l);
	if (l.n)
		fputs("<section id=\"advice\">\n<h2>What to do</h2>\n<ul>\n", out);
	for (size_t i = 0; i < l.n; i++) {
		fprintf(out, "<li><b>%s</b>: ", l.v[i].ids);
		html_text(out, l.v[i].text);
		fputs("</li>\n", out);
	}
	if (l.n)
		fputs("</ul>\n</section>\n", out);
	card_advice_list_fini(&l);
}

static void write_changes(const struct card *c, FILE *out)
{
	const json_t *changes = json_object_get(c->compare, "changes"), *change;
	size_t i;

	if (!c->compare)
		return;
	fputs("<section id=\"compare\">\n<h2>Changes</h2>\n<p>Against ", out);
	html_text(out, card_text(c->compare, "with"));
	fputs(json_array_size(changes) ? ":</p>\n<ul>\n" : ": none</p>\n<ul>\n", out);
	json_array_foreach(changes, i, change)
	{
		fputs("<li>", out);
		html_text(out, card_text(change, "text"));
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
}

static void write_cell(const struct card_cell *c, FILE *out)
{
	const json_t *worst = json_array_get(c->runs, c->worst);
	char *spread = card_cell_spread(c);

	fprintf(out, "<section id=\"%s\">\n<h2>%s ", c->point->id, c->point->id);
	html_text(out, c->point->what);
	fputs("</h2>\n<p>", out);
	write_grade(c, out);
	fputs(": ", out);
	html_text(out, c->why);
	fputs("</p>\n", out);
	if (worst) {
		fputs("<p class=\"faint\">", out);
		if (spread) {
			html_text(out, spread);
			fputs(". The worst: ", out);
		}
		html_text(out, card_text(worst, "variant"));
		fputs("; seconds since the command began</p>\n", out);
		card_html_ladder(worst, c->point->what, out);
	}
	free(spread);
	fputs("</section>\n", out);
}

static void write_page(const void *card, FILE *out)
{
	const struct card *c = card;

	write_head(c, out);
	if (!c->not_gradable) {
		write_table(c, out);
		write_advice(c, out);
		write_changes(c, out);
		for (size_t i = 0; i < c->n; i++)
			write_cell(&c->cells[i], out);
	}
	fputs("</main>\n</body>\n</html>\n", out);
}

int card_check_html(const char *path, struct err *e)
{
	return whole_file_check(path, &page_kind, e);
}

int card_write_html(const struct card *c, const char *path, struct err *e)
{
	return whole_file_print(path, write_page, c, &page_kind, e);
}
