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

static void expect_of(const char *text, const char *name, size_t n, double first, double last)
{
	const struct app_metric *m = app_metric_find(name);
	json_t *have_result = json_loads(text, 0, NULL);
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

static void expect(const char *name, size_t n, double first, double last)
{
	expect_of(result, name, n, first, last);
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

/* A call that succeeded, one that rang and was dropped, and one that never rang. */
static void calls_that_rang_have_beeps_whatever_became_of_them(void **state)
{
	static const char calls[] =
	    "{\"completed\": 1, \"failed\": 2, \"exchanges\": ["
	    "  [10.0, 10.1, 15.0, 1, 400, 15.0, 0, 0, 0, 0, 12.5, 13.0, 2],"
	    "  [20.0, 20.1, 40.0, 0, 900, 28.5, 0, 0, 1, 0, 28.0, 28.5, 8],"
	    "  [30.0,  0.0, 38.0, 0,   0,  0.0, 0, 0, 1, 0,  0.0,  0.0, 0]]}";

	(void)state;
	expect_of(calls, "post_dial_delay", 2, 2.5, 8);
	expect_of(calls, "connect_time", 2, 3, 8.5);
	expect_of(calls, "beeps", 2, 2, 8);
	expect_of(calls, "response", 1, 5, 5);
	expect_of(calls, "failed_after", 2, 20, 8);
	expect_of(calls, "failed_call", 1, 11.5, 11.5);
}

static void records_are_of_lists_only(void **state)
{
	(void)state;
	expect("records", 1, 5, 5);
	expect("failed_records", 1, 7, 7);
	expect("failed_asked", 1, 9, 9);
}

/* Samples of a list of exchanges {start, end, ok}, and the first one's time. */
static struct samples of_exchanges(const char *name, const char *exchanges)
{
	json_t *have_result = json_object();
	struct samples s = {0};

	json_object_set_new(have_result, "exchanges", json_loads(exchanges, 0, NULL));
	json_object_set_new(have_result, "wall_minus_monotonic", json_real(1000));
	app_metric_add_samples(app_metric_find(name), have_result, 3.5, &s);
	json_decref(have_result);
	return s;
}

static void is_list(const char *name, const char *exchanges, size_t n, const double *want)
{
	struct samples s = of_exchanges(name, exchanges);

	assert_int_equal(s.n, n);
	for (size_t i = 0; i < n; i++)
		if (!(s.v[i] > want[i] - 1e-9 && s.v[i] < want[i] + 1e-9))
			fail_msg("%s %zu: %g, not %g", name, i, s.v[i], want[i]);
	samples_free(&s);
}

/* Two connections, so that exchanges aren't listed in the order of their starts: fails from 20 to
 * 31, and from 50 on. */
static const char two_episodes[] =
    "[[10,10,11,1], [20,0,23,0], [21,0,24,0], [23,0,26,0], [31,31,32,1], [24,0,27,0],"
    " [32,32,33,1], [50,0,53,0], [53,0,56,0]]";

static void episodes_are_runs_of_failed_exchanges(void **state)
{
	struct samples s;

	(void)state;
	is_list("episodes", two_episodes, 1, (double[]){2});
	is_list("episode_length", two_episodes, 2, (double[]){11, 6});
	is_list("episode_gap", two_episodes, 1, (double[]){19});
	is_list("outcome", two_episodes, 9, (double[]){1, 0, 0, 0, 0, 1, 1, 0, 0});
	s = of_exchanges("episode_gap", two_episodes);
	assert_int_equal(s.at[0],
			 INT64_C(1031000000000)); /* from 31 to 50, and the wall's offset */
	samples_free(&s);
	is_list("episodes", "[[10,10,11,1]]", 1, (double[]){0});
	is_list("episode_length", "[[10,10,11,1]]", 0, NULL);
	is_list("episode_length", "[[10,0,13,0]]", 1, (double[]){3});
	is_list("episode_gap", "[[10,0,13,0]]", 0, NULL);
}

static void nothing_tried_is_nothing_measured(void **state)
{
	json_t *none =
	    json_pack("{s:i,s:i,s:f,s:[]}", "completed", 0, "failed", 0, "total", 0.0, "exchanges");
	static const char *const names[] = {"success",	"total",   "episodes",
					    "response", "outcome", "episode_gap"};
	struct samples s = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		app_metric_add_samples(app_metric_find(names[i]), none, 3.5, &s);
	assert_int_equal(s.n, 0);
	app_metric_add_samples(app_metric_find("exchanges"), none, 3.5, &s);
	assert_int_equal(s.n, 1);
	app_metric_add_samples(app_metric_find("exchanges"), NULL, 3.5, &s);
	assert_int_equal(s.n, 1); /* no program told anything */
	samples_free(&s);
	json_decref(none);
	is_list("first_byte", "[[10,0,10.5,1,0,0,0,0]]", 0, NULL); /* a success without a byte */
}

static void samples_of_exchanges_have_times(void **state)
{
	struct samples s = of_exchanges("response", two_episodes);

	(void)state;
	assert_int_equal(s.n, 3);
	assert_int_equal(s.at[1], INT64_C(1031000000000));
	samples_free(&s);
	assert_true(app_metric_is_timed(app_metric_find("failed_after")));
	assert_true(app_metric_is_timed(app_metric_find("outcome")));
	assert_false(app_metric_is_timed(app_metric_find("closing")));
	assert_false(app_metric_is_timed(app_metric_find("total")));
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
	    cmocka_unit_test(calls_that_rang_have_beeps_whatever_became_of_them),
	    cmocka_unit_test(episodes_are_runs_of_failed_exchanges),
	    cmocka_unit_test(nothing_tried_is_nothing_measured),
	    cmocka_unit_test(samples_of_exchanges_have_times),
	    cmocka_unit_test(single_values_and_lists_are_taken_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
