/* junit.c - the dialect that build servers read: failures, skipped, one case for an invalid run. */
#include "scenarios/report/junit.h"

#include "scenarios/base/layout.h"

static void write_escaped(FILE *out, const char *text)
{
	char *clean = layout_clean(text ? text : "");

	for (const char *s = clean; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\n':
			fputs("&#10;", out);
			break;
		case '\t':
			fputs("&#9;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
	free(clean);
}

static void write_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	write_escaped(out, value);
	fputc('"', out);
}

static void write_suite_head(const struct result *r, FILE *out)
{
	size_t failed = 0, skipped = 0, errors = r->verdict == VERDICT_INVALID;

	for (size_t i = 0; i < r->nexpectations; i++) {
		if (r->expectations[i].skipped)
			skipped++;
		else if (!r->expectations[i].ok)
			failed++;
	}
	fputs("  <testsuite", out);
	write_attribute(out, "name", r->scenario);
	if (r->started)
		write_attribute(out, "timestamp", r->started);
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
		r->nexpectations + errors, failed, errors, skipped, r->elapsed);
	fputs("    <properties>\n      <property name=\"verdict\"", out);
	write_attribute(out, "value", verdict_name(r->verdict));
	fprintf(out, "/>\n      <property name=\"seed\" value=\"%llu\"/>\n    </properties>\n",
		(unsigned long long)r->seed);
}

static void write_case(const struct result *r, const struct result_expectation *x, FILE *out)
{
	fputs("    <testcase", out);
	write_attribute(out, "classname", r->scenario);
	write_attribute(out, "name", x->text);
	fputs(" time=\"0\"", out);
	if (x->ok && !x->skipped) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n      ", out);
	fputs(x->skipped ? "<skipped" : "<failure type=\"expectation\"", out);
	write_attribute(out, "message", x->measured);
	fputs("/>\n    </testcase>\n", out);
}

int report_junit(const struct result *r, FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	write_suite_head(r, out);
	/* A laboratory that failed is an error of the run, whatever the expectations' outcome. */
	if (r->verdict == VERDICT_INVALID) {
		fputs("    <testcase", out);
		write_attribute(out, "classname", r->scenario);
		fputs(" name=\"laboratory\" time=\"0\">\n      <error type=\"invalid\"", out);
		write_attribute(out, "message", r->why);
		fputs("/>\n    </testcase>\n", out);
	}
	for (size_t i = 0; i < r->nexpectations; i++)
		write_case(r, &r->expectations[i], out);
	fputs("  </testsuite>\n</testsuites>\n", out);
	return ferror(out) ? -1 : 0;
}
