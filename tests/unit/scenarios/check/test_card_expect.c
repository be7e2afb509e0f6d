/* test_card_expect.c - what a card is expected to be: which file is refused where, and what
 * differs. LAYER: wedge_check */
#include "scenarios/check/card_expect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct card_expect *load(const char *text, struct err *e)
{
	return card_expect_load_text("t.yaml", text, strlen(text), e);
}

static void refuse(const char *text, const char *error)
{
	struct err e = {""};
	struct card_expect *x = load(text, &e);

	assert_null(x);
	if (!strstr(e.text, error))
		fail_msg("'%s' has no '%s'", e.text, error);
}

static void test_refused(void **state)
{
	(void)state;
	refuse("", "t.yaml: expects nothing");
	refuse("T13: A\nT99: A\n", "t.yaml:2:1: no hang point 'T99'");
	refuse("defaul: A\n", "t.yaml:1:1: no hang point 'defaul' (did you mean 'default'?)");
	refuse("T13: DETECTD\n", "t.yaml:1:6: no grade 'DETECTD' (did you mean 'DETECTED'?)");
	refuse("T13: [A, HANG]\n", "t.yaml:1:10: no grade 'HANG' (did you mean 'HUNG'?)");
	refuse("T13: []\n", "t.yaml:1:6: an empty list");
	refuse("T13: {grade: A, withn: 3s}\n", "(did you mean 'within'?)");
	refuse("T13: {}\n", "t.yaml:1:6: needs grade, or within");
	refuse("T13: {within: 3}\n", "t.yaml:1:15: ");
	refuse("T13: {within: [3s]}\n", "t.yaml:1:15: within is a time");
	refuse("T13: [[A]]\n", "t.yaml:1:7: a grade is one word");
}

/* A card of one cell; returns what isn't as expected, or "". */
static const char *judge(const char *text, const char *id, enum grade grade, char letter,
			 double seconds)
{
	static char said[200];
	struct err e = {""};
	struct card_expect *x = load(text, &e);
	struct card_cell cell = {
	    .point = hang_point_find(id), .grade = grade, .letter = letter, .seconds = seconds};
	struct card c = {.cells = &cell, .n = 1};
	size_t differ;

	if (!x)
		fail_msg("%s", e.text);
	differ = card_expect_judge(x, &c);
	assert_true(c.judged);
	assert_int_equal(differ, cell.unexpected != NULL);
	assert_int_equal(differ, card_unexpected(&c));
	snprintf(said, sizeof(said), "%s", cell.unexpected ? cell.unexpected : "");
	free(cell.unexpected);
	card_expect_free(x);
	return said;
}

static void test_grades(void **state)
{
	(void)state;
	assert_string_equal(judge("T13: A", "T13", GRADE_DETECTED, 'A', 2), "");
	assert_string_equal(judge("t13: [B, A]", "T13", GRADE_DETECTED, 'A', 2), "");
	assert_string_equal(judge("T13: A", "T13", GRADE_HUNG, 'F', NAN), "HUNG (F), expected A");
	assert_string_equal(judge("T13: [DETECTED, RETRIED-OK]", "T13", GRADE_HUNG, 'F', NAN),
			    "HUNG (F), expected DETECTED or RETRIED-OK");
	assert_string_equal(judge("T13: DETECTED", "T13", GRADE_DETECTED, 'D', 400), "");
	assert_string_equal(judge("T13: F", "T13", GRADE_HUNG, 'F', NAN), "");
	assert_string_equal(judge("T13: any", "T13", GRADE_SILENT_NOTHING, 'F', 1), "");
}

static void test_default(void **state)
{
	(void)state;
	assert_string_equal(judge("T01: A", "T13", GRADE_HUNG, 'F', NAN), "");
	assert_string_equal(judge("default: B\nT01: A", "T13", GRADE_HUNG, 'F', NAN),
			    "HUNG (F), expected B");
	assert_string_equal(judge("T13: HUNG\ndefault: B", "T13", GRADE_HUNG, 'F', NAN), "");
	/* What isn't held against a client is none against the default; who names it means it. */
	assert_string_equal(judge("default: A", "T22", GRADE_NOT_EXERCISED, '-', NAN), "");
	assert_string_equal(judge("T22: A", "T22", GRADE_NOT_EXERCISED, '-', NAN),
			    "NOT-EXERCISED (-), expected A");
}

static void test_within(void **state)
{
	(void)state;
	assert_string_equal(judge("T13: {within: 3s}", "T13", GRADE_DETECTED, 'A', 3), "");
	assert_string_equal(judge("T13: {grade: A, within: 3s}", "T13", GRADE_DETECTED, 'A', 3.5),
			    "DETECTED in 3.50 s, expected within 3.00 s");
	assert_string_equal(judge("T13: {within: 3s}", "T13", GRADE_HUNG, 'F', NAN),
			    "HUNG in no known time, expected within 3.00 s");
}

/* A run of a better grade may have taken longer than the worst one. */
static void test_slowest_run(void **state)
{
	const char text[] = "T13: {within: 3s}";
	struct err e = {""};
	struct card_expect *x = load(text, &e);
	struct card_cell cell = {.point = hang_point_find("T13"),
				 .grade = GRADE_DETECTED,
				 .letter = 'A',
				 .seconds = 1,
				 .runs =
				     json_pack("[{s:f},{s:f}]", "seconds", 1.0, "seconds", 4.0)};
	struct card c = {.cells = &cell, .n = 1};

	(void)state;
	assert_int_equal(card_expect_judge(x, &c), 1);
	assert_string_equal(cell.unexpected, "DETECTED in 4.00 s, expected within 3.00 s");
	free(cell.unexpected);
	json_decref(cell.runs);
	card_expect_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),	cmocka_unit_test(test_grades),
	    cmocka_unit_test(test_default),	cmocka_unit_test(test_within),
	    cmocka_unit_test(test_slowest_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
