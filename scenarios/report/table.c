/* table.c - columns as wide as their widest cell; what doesn't fit beside the labels stands below.
 */
#include "scenarios/report/table.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <string.h>

#define LABEL_MIN  14
#define COLUMN_GAP 3
#define HEAD_LINES 2 /* an empty one, and the phases' names */

static size_t label_width(const struct result *r)
{
	size_t width = LABEL_MIN;

	for (size_t i = 0; i < r->nrows; i++)
		if (layout_width(r->rows[i].label) > width)
			width = layout_width(r->rows[i].label);
	return width;
}

/* Returns the head of a phase's column: its name, or for a swept phase the value, "@50". */
static const char *column_head(const struct result_phase *p)
{
	const char *at = strchr(p->name, '@');

	return at ? at : p->name;
}

static size_t column_width(const struct result *r, size_t phase)
{
	size_t width = layout_width(column_head(&r->phases[phase]));
	char buf[RESULT_VALUE_TEXT];

	for (size_t i = 0; i < r->nrows; i++) {
		const char *text =
		    result_value_format(r->rows[i].values[phase], r->rows[i].unit, buf);

		if (layout_width(text) > width)
			width = layout_width(text);
	}
	return width + COLUMN_GAP;
}

bool continues_sweep(const struct result *r, size_t i)
{
	const char *name = r->phases[i].name, *at = strchr(name, '@');

	return i > 0 && at && strncmp(name, r->phases[i - 1].name, (size_t)(at - name) + 1) == 0;
}

/* Returns where a block of phases ends: as many as fit beside the labels, at least one; a sweep's
 * phases stand alone. */
static size_t find_block_end(const struct result *r, size_t from, size_t labels, size_t columns)
{
	size_t used = 2 + labels, to = from;

	while (to < r->nphases) {
		if (to > from && strchr(r->phases[to].name, '@') && !continues_sweep(r, to))
			break;
		used += column_width(r, to);
		if (used > columns && to > from)
			break;
		to++;
	}
	return to;
}

static void write_block(const struct result *r, size_t from, size_t to, size_t rows, FILE *out)
{
	size_t labels = label_width(r);
	const char *name = r->phases[from].name;
	char *swept = xasprintf("%.*s", strchr(name, '@') ? (int)strcspn(name, "@") : 0, name);
	char buf[RESULT_VALUE_TEXT];

	fputs("\n  ", out);
	layout_pad(out, swept, labels, false);
	for (size_t i = from; i < to; i++)
		layout_pad(out, column_head(&r->phases[i]), column_width(r, i), true);
	free(swept);
	fputc('\n', out);
	for (size_t k = 0; k < rows; k++) {
		const struct result_row *row = &r->rows[k];

		fputs("  ", out);
		layout_pad(out, row->label, labels, false);
		for (size_t i = from; i < to; i++)
			layout_pad(out, result_value_format(row->values[i], row->unit, buf),
				   column_width(r, i), true);
		fputc('\n', out);
	}
}

static size_t count_blocks(const struct result *r, size_t columns)
{
	size_t n = 0;

	for (size_t from = 0; from < r->nphases; n++)
		from = find_block_end(r, from, label_width(r), columns);
	return n;
}

size_t write_table(const struct result *r, size_t lines, size_t columns, FILE *out)
{
	size_t blocks = count_blocks(r, columns), rows = r->nrows, written = 0;

	if (!r->nrows || !blocks)
		return 0;
	if (lines / blocks < rows + HEAD_LINES)
		rows = lines / blocks > HEAD_LINES ? lines / blocks - HEAD_LINES : 1;
	for (size_t from = 0; from < r->nphases && lines - written >= rows + HEAD_LINES;) {
		size_t to = find_block_end(r, from, label_width(r), columns);

		write_block(r, from, to, rows, out);
		written += rows + HEAD_LINES;
		from = to;
	}
	return written;
}
