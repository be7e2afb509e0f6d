/* text_vantage.c - phases stand beside each other as far as a line has room. */
#include "scenarios/report/text_vantage.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/report/vantage_words.h"

#include <stdlib.h>

#define LABELS	   29
#define COLUMN_GAP 3

/* "30 of 50", to be freed. */
static char *format_which(const struct result_transaction *t)
{
	return t->exchanges ? xasprintf("%zu of %zu", t->exchange, t->exchanges) : xstrdup("-");
}

static size_t column_width(const struct result *r, size_t phase)
{
	size_t width = layout_width(r->phases[phase].name);
	char buf[VANTAGE_TEXT];

	for (size_t row = 0; row < VANTAGE_ROWS; row++) {
		size_t cell = layout_width(vantage_cell(&r->transactions[phase], row, buf));

		if (cell > width)
			width = cell;
	}
	return width + COLUMN_GAP;
}

static size_t find_block_end(const struct result *r, size_t from)
{
	size_t used = 2 + LABELS, to = from;

	while (to < r->nphases && (to == from || used + column_width(r, to) <= LAYOUT_COLUMNS))
		used += column_width(r, to++);
	return to;
}

static void write_heads(const struct result *r, size_t from, size_t to, FILE *out)
{
	fputs("\n  ", out);
	layout_pad(out, "", LABELS, false);
	for (size_t i = from; i < to; i++)
		layout_pad(out, r->phases[i].name, column_width(r, i), true);
	fputs("\n  ", out);
	layout_pad(out, "exchange", LABELS, false);
	for (size_t i = from; i < to; i++) {
		char *which = format_which(&r->transactions[i]);

		layout_pad(out, which, column_width(r, i), true);
		free(which);
	}
	fputc('\n', out);
}

static void write_block(const struct result *r, size_t from, size_t to, FILE *out)
{
	char buf[VANTAGE_TEXT];

	write_heads(r, from, to, out);
	for (size_t row = 0; row < VANTAGE_ROWS; row++) {
		if (row == VANTAGE_TIMES)
			fputs("  whose time it was\n", out);
		fputs(row < VANTAGE_TIMES ? "  " : "    ", out);
		layout_pad(out, vantage_row(r, row), row < VANTAGE_TIMES ? LABELS : LABELS - 2,
			   false);
		for (size_t i = from; i < to; i++)
			layout_pad(out, vantage_cell(&r->transactions[i], row, buf),
				   column_width(r, i), true);
		fputc('\n', out);
	}
}

void text_vantage(const struct result *r, FILE *out)
{
	size_t to;

	if (!vantage_any(r))
		return;
	fputs("\nOne exchange of each phase, seen from every place\n"
	      "  (a failed one, else the slowest, of those that can be told from the others)\n",
	      out);
	for (size_t from = 0; from < r->nphases; from = to) {
		to = find_block_end(r, from);
		write_block(r, from, to, out);
	}
}
