/* html.c - the order of the page: what decided first, how to repeat it last. */
#include "scenarios/report/html.h"

#include "proxy/base/mem.h"
#include "scenarios/report/html_distribution.h"
#include "scenarios/report/html_expectations.h"
#include "scenarios/report/html_head.h"
#include "scenarios/report/html_ladder.h"
#include "scenarios/report/html_origin.h"
#include "scenarios/report/html_phases.h"
#include "scenarios/report/html_sequence.h"
#include "scenarios/report/html_text.h"
#include "scenarios/report/html_vantage.h"
#include "scenarios/report/verdict.h"

#include <stdlib.h>

static void write_head(const struct result *r, FILE *out)
{
	char *title = xasprintf("%s: %s", r->scenario, verdict_words(r->verdict));

	fputs(HTML_DOCTYPE, out);
	html_head(out, title);
	free(title);
}

static void write_labelled(const char *label, const char *text, FILE *out)
{
	if (!text || !*text)
		return;
	fprintf(out, "<p><b>%s</b> ", label);
	html_text(out, text);
	fputs("</p>\n", out);
}

static void write_verdict_part(const struct result *r, FILE *out)
{
	fputs("<header>\n<p class=\"name\">", out);
	html_text(out, r->scenario);
	fputs("</p>\n<h1>", out);
	html_text(out, r->title);
	fprintf(out,
		"</h1>\n<p class=\"verdict\"><strong id=\"verdict\" class=\"%s\">%s</strong>%s ",
		verdict_name(r->verdict), verdict_words(r->verdict),
		r->quick ? " <span class=\"quick\">quick</span>" : "");
	fputs("<span id=\"why\">", out);
	html_text(out, r->why);
	fputs("</span></p>\n", out);
	write_labelled("Scaled by --quick, unlike what is documented:", r->scaled, out);
	fputs("</header>\n", out);
}

static void write_story(const struct result *r, FILE *out)
{
	fputs("<section id=\"story\">\n<h2>The failure</h2>\n<p class=\"text\">", out);
	html_text(out, r->story);
	fputs("</p>\n", out);
	write_labelled("Source:", r->source, out);
	fputs("</section>\n", out);
}

static void write_looks(const struct result *r, FILE *out)
{
	if (!r->nlooks)
		return;
	fputs("<section id=\"looks\">\n<h2>Where to look</h2>\n<ul>\n", out);
	for (size_t i = 0; i < r->nlooks; i++) {
		fputs("<li>open ", out);
		html_file(out, r->looks[i].capture);
		fputs(", filter <code>", out);
		html_text(out, r->looks[i].filter);
		fputs("</code>", out);
		write_look_frames(&r->looks[i], out);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
}

static void write_notes(const struct result *r, FILE *out)
{
	if (!r->nnotes)
		return;
	fputs("<section id=\"notes\">\n<h2>Notes</h2>\n<ul>\n", out);
	for (size_t i = 0; i < r->nnotes; i++) {
		fputs("<li>", out);
		html_text(out, r->notes[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n</section>\n", out);
}

int report_html(const struct result *r, FILE *out)
{
	write_head(r, out);
	write_verdict_part(r, out);
	fputs("<main>\n", out);
	html_documented(r, out);
	html_phases(r, out);
	html_distribution(r, out);
	html_vantage(r, out);
	html_sequence(r, out);
	html_ladder(r, out);
	write_looks(r, out);
	html_expectations(r, out);
	write_story(r, out);
	write_notes(r, out);
	html_environment(r, out);
	html_files(r, out);
	fputs("</main>\n</body>\n</html>\n", out);
	return ferror(out) ? -1 : 0;
}
