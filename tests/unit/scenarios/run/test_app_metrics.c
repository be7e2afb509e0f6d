/* test_app_metrics.c - the figures out of an application's own result.
 * LAYER: wedge_run */
#include "scenarios/run/app_metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A response, a list that came whole, one that stopped after 7 of 9 records, and pure silence. */
static const char result[] =
    "{\"completed\": 2, \"failed\": 2, \"failed_timeout\": 2, \"close_timeouts\": 1,"
    " \"closing\": [0.25, 0.5], \"exchanges\": ["
    "  [10.0, 10.1, 10.2, 1, 400, 10.2, 0, 0],"
    "  [20.0, 20.1, 20.4, 1, 900, 20.4, 5, 5],"
    "  [30.0, 30.1, 38.0, 0, 700, 31.0, 7, 9],"
    "  [40.0,  0.0, 48.0, 0,   0,  0.0, 0, 0]]}";

static void expect(const char *name, size_t n, double first, double last)
{
	const struct app_metric *m = app_metric_find(name);
	json_t *have_result = json_loads(result, 0, NULL);
	struct samples s = {0};

	assert_non_null(m);
	assert_non_null(have_result);
	app_metric_add_samples(m, have_result, 3.5, &s);
	assert_int_equal(s.n, n);
	if (n) {
		assert_true(s.v[0] > first - 1e-9 && s.v[0] < first + 1e-9);
		assert_true(s.v[n - 1] > last - 1e-9 && s.v[n - 1] < last + 1e-9);
	}
	samples_free(&s);
	json_decref(have_result);
}

static void successes_and_failures_are_apart(void **state)
{
	(void)state;
	expect("response", 2, 0.2, 0.4);
	expect("first_byte", 2, 0.1, 0.1);
	expect("bytes", 2, 400, 900);
	expect("failed_after", 2, 8, 8);
	expect("failed_bytes", 2, 700, 0);
}

static void silence_counts_from_the_last_byte_or_the_request(void **state)
{
	(void)state;
	expect("failed_silence", 2, 7, 8);
}

static void records_are_of_lists_only(void **state)
{
	(void)state;
	expect("records", 1, 5, 5);
	expect("failed_records", 1, 7, 7);
	expect("failed_asked", 1, 9, 9);
}

static void single_values_and_lists_are_taken_as_told(void **state)
{
	(void)state;
	expect("exchanges", 1, 4, 4);
	expect("success", 1, 0.5, 0.5);
	expect("failed_timeout", 1, 2, 2);
	expect("close_timeouts", 1, 1, 1);
	expect("closing", 2, 0.25, 0.5);
	expect("duration", 1, 3.5, 3.5);
	expect("idle_lost", 0, 0, 0); /* not told: nothing */
	expect("altered", 0, 0, 0);
	assert_null(app_metric_find("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(successes_and_failures_are_apart),
	    cmocka_unit_test(silence_counts_from_the_last_byte_or_the_request),
	    cmocka_unit_test(records_are_of_lists_only),
	    cmocka_unit_test(single_values_and_lists_are_taken_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
