/* card_junit.c - the dialect of scenarios/report/junit.c. */
#include "scenarios/check/card_junit.h"

#include "scenarios/base/whole_file.h"
#include "scenarios/base/xml_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- wedge check -->\n<testsuites>\n"

static bool begins_junit(const char *start, size_t len)
{
	return len >= strlen(BEGIN) && strncmp(start, BEGIN, strlen(BEGIN)) == 0;
}

static const struct own_kind junit_kind = {.what = "a JUnit file of wedge check",
					   .begins = begins_junit};

enum outcome { PASSED, FAILED, SKIPPED, ERROR, OUTCOME_COUNT };

static const char *const elements[] = {"system-out", "failure", "skipped", "error"};

/* Where something was expected only that counts. */
static enum outcome find_outcome(const struct card *card, const struct card_cell *c)
{
	if (c->grade == GRADE_INVALID)
		return ERROR;
	if (card->judged ? c->unexpected != NULL : c->letter == 'F')
		return FAILED;
	return c->grade == GRADE_NOT_EXERCISED ? SKIPPED : PASSED;
}

static void write_case(const struct card *card, const struct card_cell *c, FILE *out)
{
	enum outcome outcome = find_outcome(card, c);
	const char *element = elements[outcome];

	fprintf(out, "    <testcase classname=\"wedge check\" name=\"%s ", c->point->id);
	xml_text_write(out, c->point->what);
	if (!isnan(c->seconds))
		fprintf(out, "\" time=\"%.3f", c->seconds);
	fprintf(out, "\">\n      <%s%s%s: ", element, outcome == PASSED ? ">" : " message=\"",
		grade_names[c->grade]);
	xml_text_write(out, c->why);
	if (c->unexpected) {
		fputs("; not as expected: ", out);
		xml_text_write(out, c->unexpected);
	}
	if (outcome == PASSED)
		fprintf(out, "</%s>\n    </testcase>\n", element);
	else
		fputs("\"/>\n    </testcase>\n", out);
}

static void write_suite(const void *card, FILE *out)
{
	const struct card *c = card;
	size_t counts[OUTCOME_COUNT] = {0}, healthy = c->not_gradable != NULL;

	for (size_t i = 0; i < c->n; i++)
		counts[find_outcome(c, &c->cells[i])]++;
	fputs(BEGIN "  <testsuite name=\"", out);
	xml_text_write(out, c->command);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		c->n + healthy, counts[FAILED], counts[ERROR] + healthy, counts[SKIPPED]);
	for (size_t i = 0; i < c->n; i++)
		write_case(c, &c->cells[i], out);
	if (healthy) {
		fputs("    <testcase classname=\"wedge check\" name=\"healthy\">\n"
		      "      <error message=\"",
		      out);
		xml_text_write(out, c->not_gradable);
		fputs("\"/>\n    </testcase>\n", out);
	}
	fputs("  </testsuite>\n</testsuites>\n", out);
}

int card_check_junit(const char *path, struct err *e)
{
	return whole_file_check(path, &junit_kind, e);
}

int card_write_junit(const struct card *c, const char *path, struct err *e)
{
	return whole_file_print(path, write_suite, c, &junit_kind, e);
}
