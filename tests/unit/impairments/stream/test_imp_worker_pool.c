/* test_imp_worker_pool.c - hung exchanges slow the healthy ones, and then keep them waiting.
 * LAYER: wedge_impairments_stream session_rig */
#include "tests/rig/session_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct impairment worker_pool_impairment;
#define KIND &worker_pool_impairment
#define MS   NS_PER_MS

static void refused(const char *params, const char *reason)
{
	struct err e = {""};

	assert_int_equal(srig_try(KIND, params, &e), -1);
	assert_non_null(strstr(e.text, reason));
}

/* Sessions from..to send a request and get no answer, for longer than it takes to be hung. */
static void hang(struct srig *r, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++) {
		srig_open(r, i);
		srig_feed(r, i, DIR_UPSTREAM, "hang");
		srig_feed(r, i, DIR_UPSTREAM, "ing");
	}
	srig_advance(r, 1000 * MS);
	srig_log_clear(r);
}

/* When session 100's request goes on, after it was sent; the answer comes at once. */
static int64_t service(struct srig *r)
{
	int64_t began = srig_now(r), took;
	size_t before, after;

	if (!srig_stage(r, 100, DIR_UPSTREAM))
		srig_open(r, 100);
	srig_out(r, 100, DIR_UPSTREAM, &before);
	srig_feed(r, 100, DIR_UPSTREAM, "get");
	for (int i = 0; i < 1000; i++) {
		srig_out(r, 100, DIR_UPSTREAM, &after);
		if (after > before)
			break;
		srig_advance(r, MS);
	}
	took = srig_now(r) - began;
	srig_feed(r, 100, DIR_DOWNSTREAM, "answer");
	return took;
}

static void without_hung_exchanges_nothing_changes(void **state)
{
	struct srig *r = srig_new(KIND, "workers=5");

	(void)state;
	srig_open(r, 100);
	srig_feed(r, 100, DIR_UPSTREAM, "get");
	srig_feed(r, 100, DIR_DOWNSTREAM, "answer");
	srig_end(r, 100, DIR_UPSTREAM, END_FIN);
	assert_string_equal(srig_log(r), "0s 100 upstream get\n0s 100 downstream answer\n"
					 "0s 100 upstream FIN\n");
	assert_string_equal(srig_journal(r), "");
	srig_free(r);
}

static void each_hung_exchange_adds_its_share(void **state)
{
	struct srig *r = srig_new(KIND, "workers=10,service=10ms,slowdown=2");

	(void)state;
	for (unsigned i = 1; i < 10; i++) {
		hang(r, i, i);
		srig_advance(r, 200 * MS); /* it has been slowed itself */
		assert_int_equal(service(r), 20 * MS * i);
	}
	srig_free(r);
}

static void an_exchange_costs_what_it_costs(void **state)
{
	struct srig *r = srig_new(KIND, "workers=10,cost=4,service=1ms");

	(void)state;
	hang(r, 1, 2);
	assert_int_equal(service(r), 8 * MS);
	srig_free(r);
}

static void an_exchange_is_hung_only_after_that_time(void **state)
{
	struct srig *r = srig_new(KIND, "hung=1s,service=10ms");

	(void)state;
	srig_open(r, 1);
	srig_feed(r, 1, DIR_UPSTREAM, "hang");
	srig_advance(r, 999 * MS);
	assert_int_equal(service(r), 0);
	srig_advance(r, MS);
	assert_int_equal(service(r), 10 * MS);
	srig_free(r);
}

static void an_answered_idle_session_is_not_hung(void **state)
{
	struct srig *r = srig_new(KIND, "hung=1s,service=10ms");

	(void)state;
	srig_open(r, 1);
	srig_feed(r, 1, DIR_UPSTREAM, "get");
	srig_feed(r, 1, DIR_DOWNSTREAM, "answer");
	srig_open(r, 2);
	srig_advance(r, 5000 * MS);
	assert_int_equal(service(r), 0);
	srig_free(r);
}

static void a_response_that_is_kept_back_hangs_its_exchange(void **state)
{
	struct srig *r = srig_new(KIND, "hung=1s,service=10ms");
	struct stage *other;

	(void)state;
	srig_open(r, 1);
	srig_feed(r, 1, DIR_UPSTREAM, "get");
	srig_feed(r, 1, DIR_DOWNSTREAM, "answ");
	other = srig_stage(r, 1, DIR_DOWNSTREAM);
	stage_pause(other);
	srig_advance(r, 2000 * MS);
	assert_int_equal(service(r), 10 * MS);
	stage_resume(other);
	assert_int_equal(service(r), 0);
	srig_free(r);
}

static void without_workers_new_requests_wait_first_come_first(void **state)
{
	struct srig *r = srig_new(KIND, "workers=2,service=0");

	(void)state;
	hang(r, 1, 2);
	srig_open(r, 3);
	srig_feed(r, 3, DIR_UPSTREAM, "three");
	srig_end(r, 3, DIR_UPSTREAM, END_FIN);
	srig_advance(r, 300 * MS);
	srig_open(r, 4);
	srig_feed(r, 4, DIR_UPSTREAM, "four");
	srig_advance(r, 300 * MS);
	assert_string_equal(srig_log(r), "");
	srig_feed(r, 1, DIR_DOWNSTREAM, "at last");
	srig_advance(r, 10 * MS);
	assert_string_equal(srig_log(r), "1.6s 1 downstream at last\n1.61s 3 upstream three\n"
					 "1.61s 3 upstream FIN\n1.61s 4 upstream four\n");
	srig_free(r);
}

static void a_session_that_ends_frees_its_units(void **state)
{
	struct srig *r = srig_new(KIND, "workers=1,service=0");

	(void)state;
	hang(r, 1, 1);
	srig_open(r, 2);
	srig_open(r, 3);
	srig_feed(r, 2, DIR_UPSTREAM, "gives up");
	srig_feed(r, 3, DIR_UPSTREAM, "waits");
	srig_close(r, 2);
	srig_close(r, 1);
	srig_advance(r, 10 * MS);
	assert_string_equal(srig_log(r), "1.01s 3 upstream waits\n");
	srig_free(r);
}

static void a_change_times_held_requests_anew_and_frees_waiting_ones(void **state)
{
	struct srig *r = srig_new(KIND, "workers=2,service=100ms");

	(void)state;
	hang(r, 1, 1);
	srig_open(r, 2);
	srig_feed(r, 2, DIR_UPSTREAM, "held");
	srig_advance(r, 20 * MS);
	srig_set(r, "service=50ms");
	srig_advance(r, 29 * MS);
	assert_string_equal(srig_log(r), "");
	srig_set(r, "workers=1");
	srig_open(r, 3);
	srig_feed(r, 3, DIR_UPSTREAM, "waits");
	srig_advance(r, 31 * MS);
	assert_string_equal(srig_log(r), "1.05s 2 upstream held\n");
	srig_set(r, "workers=9,service=0");
	srig_advance(r, 10 * MS);
	assert_non_null(strstr(srig_log(r), "3 upstream waits"));
	srig_free(r);
}

static void disabled_it_lets_held_and_waiting_requests_go(void **state)
{
	struct srig *r = srig_new(KIND, "workers=2,service=100ms");

	(void)state;
	hang(r, 1, 1);
	srig_open(r, 3);
	srig_feed(r, 3, DIR_UPSTREAM, "held");
	srig_set(r, "workers=1");
	srig_open(r, 4);
	srig_feed(r, 4, DIR_UPSTREAM, "waits");
	srig_end(r, 4, DIR_UPSTREAM, END_RST);
	for (unsigned i = 3; i <= 4; i++)
		srig_activate(r, i, false);
	assert_string_equal(srig_log(r),
			    "1s 3 upstream held\n1s 4 upstream waits\n1s 4 upstream RST\n");
	srig_free(r);
}

static void huge_numbers_end_at_a_day(void **state)
{
	struct srig *r = srig_new(KIND, "workers=1000000,cost=1000,service=1h,slowdown=1000000");

	(void)state;
	hang(r, 1, 50);
	srig_open(r, 100);
	srig_feed(r, 100, DIR_UPSTREAM, "x");
	srig_advance(r, 86400 * NS_PER_S - 1);
	assert_string_equal(srig_log(r), "");
	srig_advance(r, 1);
	assert_string_equal(srig_out(r, 100, DIR_UPSTREAM, NULL), "x");
	srig_free(r);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("workers=0", "workers");
	refused("cost=0", "cost");
	refused("slowdown=-1", "slowdown");
	refused("hung=0", "hung");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_hung_exchanges_nothing_changes),
	    cmocka_unit_test(each_hung_exchange_adds_its_share),
	    cmocka_unit_test(an_exchange_costs_what_it_costs),
	    cmocka_unit_test(an_exchange_is_hung_only_after_that_time),
	    cmocka_unit_test(an_answered_idle_session_is_not_hung),
	    cmocka_unit_test(a_response_that_is_kept_back_hangs_its_exchange),
	    cmocka_unit_test(without_workers_new_requests_wait_first_come_first),
	    cmocka_unit_test(a_session_that_ends_frees_its_units),
	    cmocka_unit_test(a_change_times_held_requests_anew_and_frees_waiting_ones),
	    cmocka_unit_test(disabled_it_lets_held_and_waiting_requests_go),
	    cmocka_unit_test(huge_numbers_end_at_a_day),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests_name("imp_worker_pool", tests, NULL, NULL);
}
