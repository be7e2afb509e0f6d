/* html_vantage.c - a block of the table for as many phases as a sheet has room for. */
#include "scenarios/report/html_vantage.h"

#include "scenarios/report/html_text.h"
#include "scenarios/report/vantage_words.h"

#define COLUMNS_MAX 5

static void write_heads(const struct result *r, size_t from, size_t to, FILE *out)
{
	fputs("<div class=\"wide\"><table class=\"sides\">\n<thead><tr><th></th>", out);
	for (size_t i = from; i < to; i++) {
		const struct result_transaction *t = &r->transactions[i];

		fputs("<th class=\"number\">", out);
		html_text(out, r->phases[i].name);
		if (t->exchanges)
			fprintf(out, "<br>%zu of %zu", t->exchange, t->exchanges);
		fputs("</th>", out);
	}
	fputs("</tr></thead>\n", out);
}

static void write_rows(const struct result *r, size_t from, size_t to, size_t first, size_t end,
		       FILE *out)
{
	char buf[VANTAGE_TEXT];

	fputs("<tbody>\n", out);
	if (first == VANTAGE_TIMES)
		fprintf(out,
			"<tr><th class=\"faint\" colspan=\"%zu\">whose time it was</th></tr>\n",
			to - from + 1);
	for (size_t row = first; row < end; row++) {
		fputs("<tr><th>", out);
		html_text(out, vantage_row(r, row));
		fputs("</th>", out);
		for (size_t i = from; i < to; i++) {
			fputs("<td class=\"number\">", out);
			html_text(out, vantage_cell(&r->transactions[i], row, buf));
			fputs("</td>", out);
		}
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n", out);
}

void html_vantage(const struct result *r, FILE *out)
{
	fputs("<section id=\"vantage\">\n<h2>One exchange, seen from every place</h2>\n", out);
	if (!vantage_any(r)) {
		fputs("<p>The client's program has timed no exchange.</p>\n</section>\n", out);
		return;
	}
	fputs("<p>Of each phase's main traffic one exchange, by its number: a failed one if there "
	      "is, else the slowest, of those that can be told from all others at every place. "
	      "From its first to its last sign, and the answer's bytes; below, whose time the "
	      "differences are. Nothing is averaged.</p>\n",
	      out);
	for (size_t from = 0; from < r->nphases; from += COLUMNS_MAX) {
		size_t to = from + COLUMNS_MAX < r->nphases ? from + COLUMNS_MAX : r->nphases;

		write_heads(r, from, to, out);
		write_rows(r, from, to, 0, VANTAGE_TIMES, out);
		write_rows(r, from, to, VANTAGE_TIMES, VANTAGE_ROWS, out);
		fputs("</table></div>\n", out);
	}
	fputs("<p class=\"faint\">A program's clock and a packet's stamp are some microseconds "
	      "apart: a share of a few may be negative. The time at the server's wire is from the "
	      "request's first to the answer's last segment; what its application didn't need of "
	      "it is its host's, which may wait for the peer, too. Of a failed exchange no time is "
	      "anybody's: its bytes show how far it came. A dash: it can't be told.</p>\n"
	      "</section>\n",
	      out);
}
