/* text.c - columns as wide as their widest cell; texts wrapped under their label. */
#include "scenarios/report/text.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <string.h>

#define LABEL_MIN  14
#define COLUMN_GAP 3

static const char *verdict_words(enum run_verdict v)
{
	static const char *const words[] = {
	    [VERDICT_REPRODUCED] = "REPRODUCED",
	    [VERDICT_NOT_REPRODUCED] = "NOT REPRODUCED",
	    [VERDICT_INVALID] = "INVALID",
	};

	return words[v];
}

static void write_verdict(const struct result *r, FILE *out)
{
	char *first = xasprintf("%s: %s%s. ", r->scenario, verdict_words(r->verdict),
				r->quick ? " (quick)" : "");

	layout_wrap(out, first, 2, r->why ? r->why : "");
	free(first);
}

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

/* True when phase i is the next swept point of one phase: "impaired@50" after "impaired@10". */
static bool continues_sweep(const struct result *r, size_t i)
{
	const char *name = r->phases[i].name, *at = strchr(name, '@');

	return i > 0 && at && strncmp(name, r->phases[i - 1].name, (size_t)(at - name) + 1) == 0;
}

/* Returns where a block of phases ends: as many as fit beside the labels, at least one; a sweep's
 * phases stand alone. */
static size_t find_block_end(const struct result *r, size_t from, size_t labels)
{
	size_t used = 2 + labels, to = from;

	while (to < r->nphases) {
		if (to > from && strchr(r->phases[to].name, '@') && !continues_sweep(r, to))
			break;
		used += column_width(r, to);
		if (used > LAYOUT_COLUMNS && to > from)
			break;
		to++;
	}
	return to;
}

static void write_block(const struct result *r, size_t from, size_t to, size_t labels, FILE *out)
{
	const char *name = r->phases[from].name;
	char *swept = xasprintf("%.*s", strchr(name, '@') ? (int)strcspn(name, "@") : 0, name);
	char buf[RESULT_VALUE_TEXT];

	fputs("\n  ", out);
	layout_pad(out, swept, labels, false);
	for (size_t i = from; i < to; i++)
		layout_pad(out, column_head(&r->phases[i]), column_width(r, i), true);
	free(swept);
	fputc('\n', out);
	for (size_t k = 0; k < r->nrows; k++) {
		const struct result_row *row = &r->rows[k];

		fputs("  ", out);
		layout_pad(out, row->label, labels, false);
		for (size_t i = from; i < to; i++)
			layout_pad(out, result_value_format(row->values[i], row->unit, buf),
				   column_width(r, i), true);
		fputc('\n', out);
	}
}

static void write_phases(const struct result *r, FILE *out)
{
	size_t labels = label_width(r), names = 0;

	if (r->nphases == 0)
		return;
	fputs("\nPhases\n", out);
	for (size_t i = 0; i < r->nphases; i++)
		if (strcspn(r->phases[i].name, "@") > names)
			names = strcspn(r->phases[i].name, "@");
	for (size_t i = 0; i < r->nphases; i++) {
		const char *name = r->phases[i].name;
		char *first;

		if (continues_sweep(r, i))
			continue;
		first = xasprintf("  %-*.*s  ", (int)names, (int)strcspn(name, "@"), name);
		layout_wrap(out, first, names + 4, r->phases[i].impairments);
		free(first);
	}
	for (size_t from = 0; from < r->nphases && r->nrows;) {
		size_t to = find_block_end(r, from, labels);

		write_block(r, from, to, labels, out);
		from = to;
	}
}

static size_t count_skipped(const struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nexpectations; i++)
		n += r->expectations[i].skipped;
	return n;
}

static void write_expectations(const struct result *r, FILE *out)
{
	size_t skipped = count_skipped(r);

	if (r->nexpectations > skipped)
		fputs("\nExpectations\n", out);
	for (size_t i = 0; i < r->nexpectations; i++) {
		const struct result_expectation *x = &r->expectations[i];

		if (x->skipped)
			continue;
		layout_wrap(out, x->ok ? "  ok    " : "  FAIL  ", 10, x->text);
		if (x->documented)
			layout_wrap(out, "        documented  ", 20, x->documented);
		layout_wrap(out, "        measured    ", 20, x->measured ? x->measured : "-");
	}
	if (skipped)
		fputs("\nNot judged, since a phase that they name was not run\n", out);
	for (size_t i = 0; i < r->nexpectations; i++)
		if (r->expectations[i].skipped)
			layout_wrap(out, "  --    ", 10, r->expectations[i].text);
}

static void write_notes(const struct result *r, FILE *out)
{
	if (r->nnotes)
		fputs("\nNotes\n", out);
	for (size_t i = 0; i < r->nnotes; i++)
		layout_wrap(out, "  - ", 4, r->notes[i]);
}

/* {"gro": false, "rx": {"a": 1}} becomes "gro=false rx(a=1)". */
static char *format_one_line(const json_t *value)
{
	char *text = NULL, *longer, *inner;
	const char *key;
	json_t *member;

	if (!json_is_object(value)) {
		char *dumped = json_is_string(value)
				   ? xstrdup(json_string_value(value))
				   : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		BUG_ON(!dumped);
		return dumped;
	}
	json_object_foreach((json_t *)value, key, member)
	{
		inner = format_one_line(member);
		longer = xasprintf(json_is_object(member) ? "%s%s%s(%s)" : "%s%s%s=%s",
				   text ? text : "", text ? " " : "", key, inner);
		free(inner);
		free(text);
		text = longer;
	}
	return text ? text : xstrdup("-");
}

static void write_pair(FILE *out, const char *name, const char *text)
{
	char first[64];

	snprintf(first, sizeof(first), "  %-16.16s ", name);
	layout_wrap(out, first, 19, text);
}

static void write_environment(const struct result *r, FILE *out)
{
	char buf[64];
	const char *key;
	json_t *value;

	fputs("\nEnvironment\n", out);
	write_pair(out, "wedge", r->version ? r->version : "-");
	write_pair(out, "started", r->started ? r->started : "-");
	snprintf(buf, sizeof(buf), "%.1f s", r->elapsed);
	write_pair(out, "elapsed", buf);
	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)r->seed);
	write_pair(out, "seed", buf);
	json_object_foreach(r->environment, key, value)
	{
		char *text = format_one_line(value);

		write_pair(out, key, text);
		free(text);
	}
	if (r->command)
		write_pair(out, "run again", r->command);
}

static void write_files(const struct result *r, FILE *out)
{
	fputs("\nFiles\n", out);
	for (size_t i = 0; i < r->nphases; i++) {
		const struct result_phase *p = &r->phases[i];

		if (p->client_capture)
			fprintf(out, "  %-36s  what the client leg showed\n", p->client_capture);
		if (p->server_capture)
			fprintf(out, "  %-36s  what the server leg showed\n", p->server_capture);
		if (p->capture)
			fprintf(out, "  %-36s  both legs in one window\n", p->capture);
	}
	fprintf(out, "  %-36s  what wedge did, one JSON object a line\n", "journal.jsonl");
	fprintf(out, "  %-36s  all of this for programs\n", "result.json");
	fprintf(out, "  %-36s  the expectations for build servers\n", "junit.xml");
}

int report_text(const struct result *r, FILE *out)
{
	write_verdict(r, out);
	fputc('\n', out);
	layout_wrap(out, "", 0, r->title);
	layout_wrap(out, "Source: ", 8, r->source);
	write_phases(r, out);
	write_expectations(r, out);
	write_notes(r, out);
	write_environment(r, out);
	write_files(r, out);
	fputc('\n', out);
	write_verdict(r, out);
	return ferror(out) ? -1 : 0;
}
