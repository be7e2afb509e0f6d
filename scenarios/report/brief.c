/* brief.c - every part has a share of the screen; what is left out is in report.txt. */
#include "scenarios/report/brief.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/layout.h"
#include "scenarios/report/table.h"
#include "scenarios/report/verdict.h"

#include <inttypes.h>
#include <string.h>

#define FRAME_LINES  4 /* verdict, title, the report's folder, an empty line before it */
#define LOOKS_MAX    3
#define FAILED_MAX   4
#define QUOTES_MIN   9 /* lines of documented words that a long table leaves */
#define MEASURED_MIN 10

/* Writes text, cut to width characters with "..." at its end when it is longer. */
static void write_cut(FILE *out, const char *text, size_t width)
{
	size_t bytes = 0, n = 0, room = width > 3 ? width - 3 : 0;

	if (layout_width(text) <= width) {
		fputs(text, out);
		return;
	}
	while (n < room && text[bytes]) {
		bytes++;
		while (((unsigned char)text[bytes] & 0xc0) == 0x80)
			bytes++;
		n++;
	}
	fprintf(out, "%.*s...", (int)bytes, text);
}

/* "200.1 ms (wanted 200.0 ms, 5 % either way)": its first part. */
static char *measured_value(const struct result_expectation *x)
{
	const char *text = x->measured ? x->measured : "-", *wanted = strstr(text, " (wanted");

	return xasprintf("%.*s", (int)(wanted ? (size_t)(wanted - text) : strlen(text)), text);
}

static bool is_shown(const struct result_expectation *x, bool failed)
{
	return !x->skipped && x->ok != failed && (failed || x->documented);
}

static size_t count_shown(const struct result *r, bool failed)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nexpectations; i++)
		n += is_shown(&r->expectations[i], failed);
	return n;
}

static void write_failed(const struct result *r, size_t lines, size_t columns, FILE *out)
{
	for (size_t i = 0; i < r->nexpectations && lines; i++) {
		const struct result_expectation *x = &r->expectations[i];
		char *text;

		if (!is_shown(x, true))
			continue;
		text = xasprintf("  FAIL  %s: %s", x->text, x->measured ? x->measured : "-");
		write_cut(out, text, columns);
		fputc('\n', out);
		free(text);
		lines--;
	}
}

static void write_documented(const struct result *r, size_t lines, size_t columns, FILE *out)
{
	size_t width = MEASURED_MIN, left = lines;

	for (size_t i = 0; i < r->nexpectations; i++) {
		char *value = measured_value(&r->expectations[i]);

		if (is_shown(&r->expectations[i], false) && layout_width(value) > width)
			width = layout_width(value);
		free(value);
	}
	for (size_t i = 0; i < r->nexpectations && left; i++) {
		const struct result_expectation *x = &r->expectations[i];
		char *value, *text;

		if (!is_shown(x, false))
			continue;
		value = measured_value(x);
		fputs("  ", out);
		layout_pad(out, value, width, true);
		text = xasprintf("   documented: %s", x->documented);
		write_cut(out, text, columns > width + 2 ? columns - width - 2 : 0);
		fputc('\n', out);
		free(text);
		free(value);
		left--;
	}
}

/* Documented figures are those of the story, and the full run's at most. */
static void write_scaled(const struct result *r, size_t columns, FILE *out)
{
	char *text;

	if (!r->scaled)
		return;
	text = xasprintf("Scaled by --quick, unlike what is documented: %s", r->scaled);
	write_cut(out, text, columns);
	fputc('\n', out);
	free(text);
}

void report_brief(const struct result *r, const char *folder, size_t columns, FILE *out)
{
	size_t looks = r->nlooks < LOOKS_MAX ? r->nlooks : LOOKS_MAX;
	size_t failed = count_shown(r, true), documented = count_shown(r, false);
	char *title, *name = text_print_line(folder);
	size_t left, lines, quotes = documented < QUOTES_MIN ? documented : QUOTES_MIN;

	failed = failed < FAILED_MAX ? failed : FAILED_MAX;
	left = BRIEF_LINES - FRAME_LINES - looks - failed - (r->scaled != NULL);
	write_verdict(r, out);
	title = text_print_line(r->title);
	write_cut(out, title, columns);
	free(title);
	fputc('\n', out);
	lines = write_table(r, left - quotes, columns, out);
	left -= lines < left ? lines : left;
	write_failed(r, failed, columns, out);
	write_documented(r, documented < left ? documented : left, columns, out);
	write_scaled(r, columns, out);
	for (size_t i = 0; i < looks; i++)
		write_look(&r->looks[i], out);
	fprintf(out,
		"\nReport: %s (seed %" PRIu64
		"; all expectations, environment and files: report.html, report.txt)\n",
		name, r->seed);
	free(name);
}
