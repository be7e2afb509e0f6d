/* test_imp_process_freeze.c - all sessions stop and start in the same instant, and nothing is lost.
 * LAYER: wedge_impairments_stream session_rig */
#include "tests/rig/session_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment process_freeze_impairment;
#define KIND &process_freeze_impairment
#define MS   NS_PER_MS

static void refused(const char *params, const char *reason)
{
	struct err e = {""};

	assert_int_equal(srig_try(KIND, params, &e), -1);
	assert_non_null(strstr(e.text, reason));
}

static void what_comes_in_a_pause_goes_on_when_it_ends_in_order(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_feed(r, 1, DIR_UPSTREAM, "a");
	srig_advance(r, 31 * MS);
	srig_feed(r, 1, DIR_UPSTREAM, "b");
	srig_advance(r, 10 * MS);
	srig_feed(r, 1, DIR_UPSTREAM, "c");
	srig_end(r, 1, DIR_UPSTREAM, END_FIN);
	srig_feed(r, 1, DIR_DOWNSTREAM, "d");
	srig_end(r, 1, DIR_DOWNSTREAM, END_RST);
	srig_advance(r, 20 * MS);
	assert_string_equal(srig_log(r),
			    "0s 1 upstream a\n50ms 1 upstream bc\n50ms 1 upstream FIN\n"
			    "50ms 1 downstream d\n50ms 1 downstream RST\n");
	srig_free(r);
}

static void the_source_is_not_read_in_a_pause(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	for (int i = 0; i < 100; i++) {
		bool paused = srig_now(r) % (50 * MS) >= 30 * MS;

		assert_int_equal(flow_readable(srig_flow(r, 1, DIR_UPSTREAM)), !paused);
		assert_int_equal(flow_readable(srig_flow(r, 1, DIR_DOWNSTREAM)), !paused);
		srig_advance(r, 5 * MS);
	}
	srig_free(r);
}

static void all_sessions_share_one_clock_also_those_that_come_later(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_advance(r, 25 * MS);
	srig_open(r, 2);
	srig_advance(r, 10 * MS);
	srig_open(r, 3);
	for (unsigned i = 1; i <= 3; i++) {
		assert_false(flow_readable(srig_flow(r, i, DIR_UPSTREAM)));
		srig_feed(r, i, DIR_DOWNSTREAM, "x");
	}
	srig_advance(r, 15 * MS);
	assert_string_equal(srig_log(r),
			    "50ms 1 downstream x\n50ms 2 downstream x\n50ms 3 downstream x\n");
	assert_non_null(strstr(srig_journal(r), "freeze"));
	srig_free(r);
}

static void the_clock_goes_on_while_there_is_no_session(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_advance(r, 10 * MS);
	srig_close(r, 1);
	srig_advance(r, 30 * MS);
	srig_open(r, 2);
	assert_false(flow_readable(srig_flow(r, 2, DIR_UPSTREAM)));
	srig_close(r, 2);
	srig_free(r);
}

/* 1,000 pauses: the mean of a Pareto variable with shape 3 has a deviation of 0.58 / sqrt(1000). */
static void pareto_pauses_keep_their_mean_and_their_bound(void **state)
{
	struct srig *r =
	    srig_new(KIND, "run=10ms,pause=10ms,distribution=pareto,shape=3,longest=100ms");
	int64_t paused = 0, longest = 0, this_one = 0;
	unsigned n = 0;

	(void)state;
	srig_open(r, 1);
	while (n < 1000) {
		bool frozen = !flow_readable(srig_flow(r, 1, DIR_UPSTREAM));

		srig_advance(r, MS / 4);
		if (frozen) {
			paused += MS / 4;
			this_one += MS / 4;
		} else if (this_one) {
			n++;
			longest = this_one > longest ? this_one : longest;
			this_one = 0;
		}
	}
	assert_in_range(paused / 1000, 9 * MS, 11 * MS);
	assert_in_range(longest, 20 * MS, 100 * MS + MS);
	srig_free(r);
}

static void a_change_holds_from_the_next_slice_on(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_advance(r, 35 * MS);
	srig_set(r, "run=5ms,pause=100ms");
	srig_feed(r, 1, DIR_UPSTREAM, "a");
	srig_advance(r, 21 * MS);
	assert_string_equal(srig_log(r), "50ms 1 upstream a\n");
	srig_feed(r, 1, DIR_UPSTREAM, "b");
	srig_advance(r, 200 * MS);
	assert_string_equal(srig_log(r), "50ms 1 upstream a\n155ms 1 upstream b\n");
	srig_free(r);
}

static void a_change_while_it_does_not_act_holds_when_it_does(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_activate(r, 1, false);
	srig_set(r, "run=5ms,pause=40ms");
	srig_activate(r, 1, true);
	srig_advance(r, 31 * MS);
	srig_feed(r, 1, DIR_UPSTREAM, "a");
	srig_advance(r, 60 * MS);
	assert_string_equal(srig_log(r), "70ms 1 upstream a\n");
	srig_free(r);
}

static void disabled_in_a_pause_it_lets_everything_go(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_advance(r, 35 * MS);
	srig_feed(r, 1, DIR_UPSTREAM, "a");
	srig_end(r, 1, DIR_UPSTREAM, END_FIN);
	srig_activate(r, 1, false);
	assert_string_equal(srig_log(r), "35ms 1 upstream a\n35ms 1 upstream FIN\n");
	assert_true(flow_readable(srig_flow(r, 1, DIR_DOWNSTREAM)));
	srig_free(r);
}

static void a_session_may_end_in_a_pause(void **state)
{
	struct srig *r = srig_new(KIND, "run=30ms,pause=20ms");

	(void)state;
	srig_open(r, 1);
	srig_open(r, 2);
	srig_advance(r, 35 * MS);
	srig_feed(r, 1, DIR_UPSTREAM, "lost");
	srig_close(r, 1);
	srig_feed(r, 2, DIR_UPSTREAM, "kept");
	srig_advance(r, 20 * MS);
	assert_string_equal(srig_log(r), "50ms 2 upstream kept\n");
	assert_non_null(strstr(srig_journal(r), "discard"));
	srig_free(r);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("run=0", "run");
	refused("pause=2h", "pause");
	refused("shape=1", "shape");
	refused("distribution=pareto,pause=30s", "longest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_comes_in_a_pause_goes_on_when_it_ends_in_order),
	    cmocka_unit_test(the_source_is_not_read_in_a_pause),
	    cmocka_unit_test(all_sessions_share_one_clock_also_those_that_come_later),
	    cmocka_unit_test(the_clock_goes_on_while_there_is_no_session),
	    cmocka_unit_test(pareto_pauses_keep_their_mean_and_their_bound),
	    cmocka_unit_test(a_change_holds_from_the_next_slice_on),
	    cmocka_unit_test(a_change_while_it_does_not_act_holds_when_it_does),
	    cmocka_unit_test(disabled_in_a_pause_it_lets_everything_go),
	    cmocka_unit_test(a_session_may_end_in_a_pause),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests_name("imp_process_freeze", tests, NULL, NULL);
}
