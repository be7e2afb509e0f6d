/* test_step_runner.c - when steps are due, and what sections make of results.
 * LAYER: wedge_run */
#include "proxy/base/clock.h"
#include "scenarios/run/app_section.h"
#include "scenarios/run/result_merge.h"
#include "scenarios/run/step_runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS NS_PER_MS

static struct step steps[3];
static struct step_action actions[] = {
    {.step = &steps[0], .after = 100 * MS},
    {.step = &steps[1], .after = 50 * MS},
    {.step = &steps[2], .after = 50 * MS},
    {.step = NULL, .after = 200 * MS},
};
static const struct step_program program = {.v = actions, .n = 4};

static void an_action_is_due_its_time_after_the_one_before(void **state)
{
	struct step_runner r;
	struct fake_clock clock;

	(void)state;
	fake_clock_init(&clock, 1000 * MS);
	step_runner_begin(&r, &program, clock.t);
	assert_true(step_runner_due(&r) == 1100 * MS);
	assert_null(step_runner_take(&r, 1099 * MS));
	assert_ptr_equal(step_runner_take(&r, 1100 * MS), &actions[0]);
	assert_true(step_runner_due(&r) == INT64_MAX);
	assert_null(step_runner_take(&r, 5000 * MS));
	step_runner_done(&r, 1300 * MS, false);
	assert_true(step_runner_due(&r) == 1350 * MS);
}

/* A quick action that is taken late doesn't move the others. */
static void quick_actions_keep_to_the_plan(void **state)
{
	struct step_runner r;

	(void)state;
	step_runner_begin(&r, &program, 0);
	assert_non_null(step_runner_take(&r, 104 * MS));
	step_runner_done(&r, 107 * MS, true);
	assert_true(step_runner_due(&r) == 150 * MS);
	assert_non_null(step_runner_take(&r, 290 * MS));
	step_runner_done(&r, 291 * MS, true);
	assert_true(step_runner_due(&r) == 200 * MS);
	assert_ptr_equal(step_runner_take(&r, 291 * MS), &actions[2]);
}

static void the_end_is_an_action_that_does_nothing(void **state)
{
	struct step_runner r;

	(void)state;
	step_runner_begin(&r, &program, 0);
	for (int i = 0; i < 3; i++) {
		assert_non_null(step_runner_take(&r, 1000 * MS)->step);
		step_runner_done(&r, 1000 * MS, true);
	}
	assert_true(step_runner_due(&r) == 400 * MS);
	assert_null(step_runner_take(&r, 1000 * MS)->step);
	step_runner_done(&r, 1000 * MS, true);
	assert_true(step_runner_due(&r) == INT64_MAX);
}

static json_t *make_result(const char *exchanges, int completed, int failed)
{
	json_t *list = json_loads(exchanges, 0, NULL);

	assert_non_null(list);
	return json_pack("{s:o,s:i,s:i,s:f,s:[s]}", "exchanges", list, "completed", completed,
			 "failed", failed, "total", 0.5, "errors", "why");
}

static void results_one_after_the_other_are_added(void **state)
{
	json_t *all = NULL, *a = make_result("[[10,0,11,1]]", 1, 0),
	       *b = make_result("[[20,0,21,1],[22,0,25,0]]", 1, 1);

	(void)state;
	result_merge(&all, NULL);
	assert_null(all);
	result_merge(&all, a);
	result_merge(&all, b);
	assert_int_equal(json_integer_value(json_object_get(all, "completed")), 2);
	assert_int_equal(json_integer_value(json_object_get(all, "failed")), 1);
	assert_int_equal(json_array_size(json_object_get(all, "exchanges")), 3);
	assert_int_equal(json_array_size(json_object_get(all, "errors")), 2);
	assert_true(json_number_value(json_object_get(all, "total")) == 15.0);
	assert_int_equal(json_array_size(json_object_get(a, "exchanges")), 1);
	json_decref(all);
	json_decref(a);
	json_decref(b);
}

static char filled[] = "filled", later[] = "later";
static struct phase_section sections[] = {
    {filled, 10 * NS_PER_S, 20 * NS_PER_S},
    {later, 20 * NS_PER_S, 30 * NS_PER_S},
    {filled, 30 * NS_PER_S, 40 * NS_PER_S},
};

static double first_of(const json_t *result, const char *name, size_t i)
{
	return json_number_value(json_array_get(json_object_get(result, name), i));
}

/* An exchange belongs to the section in which it began; the section came twice. */
static void a_section_has_the_exchanges_that_began_in_it(void **state)
{
	struct phase_data d = {.sections = sections, .nsections = 3};
	json_t *r = make_result("[[9,0,12,1,0,0,0,0,0,0], [10,0,14,0,0,0,0,0,1,0],"
				" [19,0,21,1,0,0,0,0,0,1], [20,0,21,1,0,0,0,0,0,0],"
				" [30,0,33,1,0,0,0,0,0,0], [31,0,32,0,0,0,0,0,2,1]]",
				4, 2);
	json_t *part = app_section(&d, "filled", r);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(part, "completed")), 2);
	assert_int_equal(json_integer_value(json_object_get(part, "failed")), 2);
	assert_int_equal(json_integer_value(json_object_get(part, "failed_timeout")), 1);
	assert_int_equal(json_integer_value(json_object_get(part, "failed_reset")), 1);
	assert_int_equal(json_integer_value(json_object_get(part, "failed_eof")), 0);
	assert_int_equal(json_integer_value(json_object_get(part, "retries")), 2);
	assert_int_equal(json_integer_value(json_object_get(part, "retried_ok")), 1);
	assert_true(first_of(part, "first_completed", 0) == 11.0);
	assert_true(first_of(part, "first_completed", 1) == 3.0);
	assert_true(first_of(part, "first_failed", 0) == 0.0);
	json_decref(part);
	json_decref(r);
}

/* What isn't listed has no time: no figure is better than a wrong one. */
static void unlisted_exchanges_leave_no_section(void **state)
{
	struct phase_data d = {.sections = sections, .nsections = 3};
	json_t *r = make_result("[[11,0,12,1,0,0,0,0,0,0]]", 2, 0);
	json_t *part = app_section(&d, "filled", r);

	(void)state;
	assert_null(json_object_get(part, "completed"));
	assert_int_equal(json_array_size(json_object_get(part, "exchanges")), 0);
	json_decref(part);
	json_decref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_action_is_due_its_time_after_the_one_before),
	    cmocka_unit_test(quick_actions_keep_to_the_plan),
	    cmocka_unit_test(the_end_is_an_action_that_does_nothing),
	    cmocka_unit_test(results_one_after_the_other_are_added),
	    cmocka_unit_test(a_section_has_the_exchanges_that_began_in_it),
	    cmocka_unit_test(unlisted_exchanges_leave_no_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
