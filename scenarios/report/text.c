/* text.c - texts wrapped under their label. */
#include "scenarios/report/text.h"

#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/report/environment_line.h"
#include "scenarios/report/table.h"
#include "scenarios/report/text_vantage.h"
#include "scenarios/report/vantage_words.h"
#include "scenarios/report/verdict.h"

#include <string.h>

static void write_phases(const struct result *r, FILE *out)
{
	size_t names = 0;

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
	write_table(r, SIZE_MAX, LAYOUT_COLUMNS, out);
}

#define STEPS_MAX 60 /* lines of one phase; result.json has all */

/* Returns how many of the steps from the first on set one parameter to one value after another. */
static size_t count_ramp(const json_t *steps, size_t first)
{
	const char *text = json_string_value(json_object_get(json_array_get(steps, first), "step"));
	size_t length = strcspn(text, "="), n = 1;

	while (text[length] && strncmp(text, "set ", 4) == 0 &&
	       first + n < json_array_size(steps)) {
		const json_t *next = json_array_get(steps, first + n);

		if (strncmp(json_string_value(json_object_get(next, "step")), text, length + 1) !=
		    0)
			break;
		n++;
	}
	return n;
}

static void write_step(const json_t *steps, size_t first, size_t n, FILE *out)
{
	const json_t *one = json_array_get(steps, first);
	const char *last =
	    json_string_value(json_object_get(json_array_get(steps, first + n - 1), "step"));
	const char *text = json_string_value(json_object_get(one, "step"));
	double at = json_number_value(json_object_get(one, "at"));
	char *what = n > 1 ? xasprintf("%s ... %s (%zu values)", text, strchr(last, '=') + 1, n)
			   : xstrdup(text);
	char first_column[40];

	snprintf(first_column, sizeof(first_column), "  %10.3f s  ", at);
	layout_wrap(out, first_column, 16, what);
	free(what);
}

static void write_steps(const struct result *r, FILE *out)
{
	for (size_t i = 0; i < r->nphases; i++) {
		const json_t *steps = r->phases[i].steps;
		size_t total = json_array_size(steps), lines = 0;

		if (total)
			fprintf(out, "\nSteps of %s, since the clients' start\n",
				r->phases[i].name);
		for (size_t k = 0; k < total && lines <= STEPS_MAX; lines++) {
			size_t n = count_ramp(steps, k);

			if (lines == STEPS_MAX)
				fprintf(out, "  and %zu more, in result.json\n", total - k);
			else
				write_step(steps, k, n, out);
			k += n;
		}
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

static void write_looks(const struct result *r, FILE *out)
{
	if (r->nlooks)
		fputs("\nWhere to look\n", out);
	for (size_t i = 0; i < r->nlooks; i++) {
		fputs("  ", out);
		write_look(&r->looks[i], out);
	}
}

static void write_notes(const struct result *r, FILE *out)
{
	if (r->nnotes)
		fputs("\nNotes\n", out);
	for (size_t i = 0; i < r->nnotes; i++)
		layout_wrap(out, "  - ", 4, r->notes[i]);
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
		char *text = environment_line(value);

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
			fprintf(out, "  %-36s  %s\n", p->client_capture,
				vantage_capture(r, LEG_CLIENT));
		if (p->server_capture)
			fprintf(out, "  %-36s  %s\n", p->server_capture,
				vantage_capture(r, LEG_SERVER));
		if (p->capture)
			fprintf(out, "  %-36s  both legs in one window\n", p->capture);
	}
	fprintf(out, "  %-36s  what wedge did, one JSON object a line\n", "journal.jsonl");
	fprintf(out, "  %-36s  this for a browser, with pictures\n", "report.html");
	fprintf(out, "  %-36s  all of this for programs\n", "result.json");
	fprintf(out, "  %-36s  the expectations for build servers\n", "junit.xml");
}

int report_text(const struct result *r, FILE *out)
{
	write_verdict(r, out);
	fputc('\n', out);
	layout_wrap(out, "", 0, r->title);
	layout_wrap(out, "Source: ", 8, r->source);
	if (r->scaled)
		layout_wrap(out, "Scaled by --quick, unlike what is documented: ", 2, r->scaled);
	write_phases(r, out);
	write_steps(r, out);
	write_expectations(r, out);
	text_vantage(r, out);
	write_looks(r, out);
	write_notes(r, out);
	write_environment(r, out);
	write_files(r, out);
	fputc('\n', out);
	write_verdict(r, out);
	return ferror(out) ? -1 : 0;
}
