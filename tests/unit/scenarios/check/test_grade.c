/* test_grade.c - facts in, a grade out.
 * LAYER: wedge_check */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/check/grade.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT 60

static struct check_plan plan = {.protocol = CHECK_HTTP, .limit = LIMIT * NS_PER_S};
static double once[] = {0.1};

/* A healthy run: 1000 bytes by one connection in a second. */
static struct healthy healthy_run(void)
{
	return (struct healthy){.facts = {.ended = 1,
					  .bytes = 1000,
					  .sha = (char *)"whole",
					  .connects = once,
					  .nconnects = 1,
					  .from_server = 1200,
					  .requests = 1},
				.output_known = true};
}

/* A run in which the command fails 3 s after the fault, with nothing printed. */
static struct cell_facts failed_run(void)
{
	return (struct cell_facts){.status = 28,
				   .ended = 5,
				   .fault_at = 2,
				   .sha = (char *)"none",
				   .last = (char *)"timed out",
				   .connects = once,
				   .nconnects = 1,
				   .acted = true};
}

/* A run that ends well with so many bytes. */
static struct cell_facts succeeding_run(uint64_t bytes)
{
	struct cell_facts f = failed_run();

	f.status = 0;
	f.bytes = bytes;
	f.sha = (char *)(bytes == 1000 ? "whole" : "part");
	return f;
}

static void expect(const char *id, const struct healthy *h, const struct cell_facts *f,
		   enum grade grade, char letter)
{
	struct graded g = grade_cell(&plan, hang_point_find(id), h, f);

	assert_string_equal(grade_names[g.grade], grade_names[grade]);
	assert_int_equal(g.letter, letter);
	assert_non_null(g.why);
	free(g.why);
}

static void an_error_is_graded_by_its_time_since_the_fault(void **state)
{
	static const struct {
		double seconds;
		char letter;
	} rows[] = {{0, 'A'},  {10.4, 'A'}, {10.6, 'B'}, {62, 'B'},
		    {64, 'C'}, {314, 'C'},  {316, 'D'}};
	struct healthy h = healthy_run();
	struct cell_facts f = failed_run();
	struct graded g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f.ended = f.fault_at + rows[i].seconds;
		expect("T13", &h, &f, GRADE_DETECTED, rows[i].letter);
	}
	f.fault_at = NAN; /* the wire doesn't show it: the whole time counts */
	f.ended = 20;
	g = grade_cell(&plan, hang_point_find("T13"), &h, &f);
	assert_true(g.seconds == 20);
	free(g.why);
}

static void who_still_waits_hangs_whatever_it_has_printed(void **state)
{
	struct healthy h = healthy_run();
	struct cell_facts f = succeeding_run(1000);

	(void)state;
	f.limited = true;
	expect("T13", &h, &f, GRADE_HUNG, 'F');
}

static void status_0_with_less_is_silent(void **state)
{
	struct healthy h = healthy_run();
	struct cell_facts f = succeeding_run(500);

	(void)state;
	expect("T15", &h, &f, GRADE_SILENT_TRUNCATION, 'F');
	f.bytes = 1000; /* as many, and others */
	expect("T15", &h, &f, GRADE_SILENT_TRUNCATION, 'F');
	f.bytes = 0;
	expect("T15", &h, &f, GRADE_SILENT_NOTHING, 'F');
	expect("T18", &h, &f, GRADE_UNDETECTABLE, '-');
}

static void an_output_that_differs_each_time_is_judged_by_its_length(void **state)
{
	struct healthy h = healthy_run();
	struct cell_facts f = succeeding_run(900);

	(void)state;
	h.output_known = false;
	expect("T15", &h, &f, GRADE_UNAFFECTED, 'A');
	f.bytes = 899;
	expect("T15", &h, &f, GRADE_SILENT_TRUNCATION, 'F');
}

static void a_whole_answer_is_unaffected_or_retried(void **state)
{
	double twice[] = {0.1, 2.5};
	struct healthy h = healthy_run();
	struct cell_facts f = succeeding_run(1000);

	(void)state;
	expect("T23", &h, &f, GRADE_UNAFFECTED, 'A');
	f.connects = twice;
	f.nconnects = 2;
	expect("T23", &h, &f, GRADE_RETRIED_OK, 'A');
	f.ended = 30;
	expect("T23", &h, &f, GRADE_RETRIED_OK, 'B');
}

static void a_post_that_the_server_got_again_is_worse_than_an_error(void **state)
{
	struct healthy h = healthy_run();
	struct cell_facts f = failed_run();

	(void)state;
	h.facts.unsafe = 1;
	f.unsafe = 1;
	expect("T21", &h, &f, GRADE_DETECTED, 'A');
	f.unsafe = 2;
	expect("T21", &h, &f, GRADE_UNSAFE_RETRY, 'F');
	f.limited = true;
	expect("T21", &h, &f, GRADE_UNSAFE_RETRY, 'F');
}

static void a_fault_that_met_nothing_grades_nobody(void **state)
{
	struct healthy h = healthy_run();
	struct cell_facts f = succeeding_run(1000);

	(void)state;
	f.acted = false;
	expect("T24", &h, &f, GRADE_NOT_EXERCISED, '-');
}

static void part_of_a_file_under_its_name_is_left(void **state)
{
	struct left_file whole = {(char *)"page", 1000, (char *)"whole"};
	struct left_file part = {(char *)"page", 500, (char *)"part"};
	struct left_file other = {(char *)"page.part", 500, (char *)"part"};
	struct healthy h = healthy_run();
	struct cell_facts f = failed_run();

	(void)state;
	h.facts.left = (struct left_files){&whole, 1};
	f.left = (struct left_files){&part, 1};
	expect("T15", &h, &f, GRADE_PARTIAL_LEFT, 'F');
	f.left.v = &other;
	expect("T15", &h, &f, GRADE_DETECTED, 'A');
	f.left.v = &whole; /* it was done before the fault */
	expect("T15", &h, &f, GRADE_DETECTED, 'A');
	f.status = 0;
	f.sha = h.facts.sha;
	expect("T15", &h, &f, GRADE_UNAFFECTED, 'A');
	f.left.v = &part;
	f.bytes = 1000;
	expect("T15", &h, &f, GRADE_SILENT_TRUNCATION, 'F');
}

static void files_that_differ_between_healthy_runs_are_not_compared(void **state)
{
	struct left_files a, b;
	struct left_file again[] = {{(char *)"page", 1, (char *)"same"},
				    {(char *)"log", 1, (char *)"second"}};

	(void)state;
	a = (struct left_files){xcalloc(3, sizeof(*a.v)), 3};
	a.v[0] = (struct left_file){xstrdup("log"), 1, xstrdup("first")};
	a.v[1] = (struct left_file){xstrdup("page"), 1, xstrdup("same")};
	a.v[2] = (struct left_file){xstrdup("tmp123"), 1, xstrdup("same")};
	b = (struct left_files){again, 2};
	left_files_keep_same(&a, &b);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].name, "page");
	assert_true(left_files_have_all(&b, &a));
	left_files_fini(&a);
}

static void a_storm_is_many_at_once_or_more_than_three_without_growing_pauses(void **state)
{
	static const struct {
		double at[12];
		size_t n, healthy;
		bool storm;
	} rows[] = {
	    {{0}, 1, 1, false},
	    {{0, 0, 0}, 3, 1, false}, /* three are allowed, however close */
	    {{0, 1, 2, 3}, 4, 1, true},
	    {{0, 1, 2, 3}, 4, 2, false}, /* for two requests */
	    {{0, 1, 3, 7}, 4, 1, false},
	    {{0, 1, 2.9, 4.6, 6.4}, 5, 1, false}, /* 1.8 s at last, 1 s at first */
	    {{0, 2, 3, 4, 7}, 5, 1, true},	  /* one shrinks to its half */
	    {{0, 1, 2.2, 3.3, 4.6}, 5, 1, true},  /* 1.3 s at last */
	    {{0, 1, 2.2, 3.3, 5}, 5, 1, false},	  /* jitter */
	    {{0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1, 9}, 12, 4, false}, /* 40 may come at once */
	    {{0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1, 9}, 12, 1, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(grade_is_storm(rows[i].at, rows[i].n, rows[i].healthy),
				 rows[i].storm);
	assert_false(grade_is_storm(NULL, 0, 0));
}

static void a_point_that_the_command_never_gets_to_says_why(void **state)
{
	struct healthy h = healthy_run();
	struct check_plan own = plan;
	char *server[] = {(char *)"nginx", NULL};
	static const struct {
		const char *id, *why;
	} rows[] = {{"T06", "no TLS"},
		    {"T05", "the client speaks first"},
		    {"T22", "no second request on a connection"},
		    {"T26", "no request with Expect: 100-continue"},
		    {"T13", NULL}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct hang_point *p = hang_point_find(rows[i].id);
		const char *why = grade_unexercised(&own, p, p->variants, &h.facts);

		if (rows[i].why)
			assert_string_equal(why, rows[i].why);
		else
			assert_null(why);
	}
	own.server = server;
	assert_non_null(grade_unexercised(&own, hang_point_find("T16"),
					  hang_point_find("T16")->variants, &h.facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_error_is_graded_by_its_time_since_the_fault),
	    cmocka_unit_test(who_still_waits_hangs_whatever_it_has_printed),
	    cmocka_unit_test(status_0_with_less_is_silent),
	    cmocka_unit_test(an_output_that_differs_each_time_is_judged_by_its_length),
	    cmocka_unit_test(a_whole_answer_is_unaffected_or_retried),
	    cmocka_unit_test(a_post_that_the_server_got_again_is_worse_than_an_error),
	    cmocka_unit_test(a_fault_that_met_nothing_grades_nobody),
	    cmocka_unit_test(part_of_a_file_under_its_name_is_left),
	    cmocka_unit_test(files_that_differ_between_healthy_runs_are_not_compared),
	    cmocka_unit_test(a_storm_is_many_at_once_or_more_than_three_without_growing_pauses),
	    cmocka_unit_test(a_point_that_the_command_never_gets_to_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
