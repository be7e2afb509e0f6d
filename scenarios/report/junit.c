/* junit.c - the dialect that build servers read: failures, skipped, one case for an invalid run. */
#include "scenarios/report/junit.h"

#include "scenarios/base/xml_text.h"

#include <stdlib.h>
#include <string.h>

#define BEGIN	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
#define SUITE_BEGIN "  <testsuite"
#define SUITE_END   "  </testsuite>\n"

static void write_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	xml_text_write(out, value);
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
	fputs(SUITE_BEGIN, out);
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

/* A laboratory that failed is an error of the run. */
static void write_error_case(const char *scenario, const char *why, FILE *out)
{
	fputs("    <testcase", out);
	write_attribute(out, "classname", scenario);
	fputs(" name=\"laboratory\" time=\"0\">\n      <error type=\"invalid\"", out);
	write_attribute(out, "message", why);
	fputs("/>\n    </testcase>\n", out);
}

int report_junit(const struct result *r, FILE *out)
{
	fputs(BEGIN, out);
	write_suite_head(r, out);
	/* Whatever the expectations' outcome. */
	if (r->verdict == VERDICT_INVALID)
		write_error_case(r->scenario, r->why, out);
	for (size_t i = 0; i < r->nexpectations; i++)
		write_case(r, &r->expectations[i], out);
	fputs(SUITE_END JUNIT_END, out);
	return ferror(out) ? -1 : 0;
}

int junit_copy_suite(const char *path, FILE *out)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool inside = false;

	if (!in)
		return -1;
	while (getline(&line, &room, in) > 0 && strcmp(line, JUNIT_END) != 0) {
		inside |= strncmp(line, SUITE_BEGIN, strlen(SUITE_BEGIN)) == 0;
		if (inside)
			fputs(line, out);
	}
	free(line);
	fclose(in);
	return inside ? 0 : -1;
}

void junit_failed_run(const char *scenario, const char *why, double elapsed, FILE *out)
{
	fputs(SUITE_BEGIN, out);
	write_attribute(out, "name", scenario);
	fprintf(out, " tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"%.3f\">\n",
		elapsed);
	write_error_case(scenario, why, out);
	fputs(SUITE_END, out);
}
