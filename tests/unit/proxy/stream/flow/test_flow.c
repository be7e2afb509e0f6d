/* test_flow.c - one direction keeps its order, its accounts and its bound.
 * LAYER: wedge_stream stage_rig */
#include "tests/rig/stage_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void bytes_and_fin_pass_in_order(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_feed(r, "one");
	rig_advance(r, 5 * NS_PER_MS);
	rig_feed(r, "two");
	rig_end(r, END_FIN);
	assert_string_equal(rig_log(r), "0s one\n5ms two\n5ms FIN\n");
	assert_int_equal(rig_flow(r)->in_bytes, 6);
	assert_int_equal(rig_flow(r)->out_bytes, 6);
	rig_free(r);
}

static void rst_passes_as_rst(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_end(r, END_RST);
	assert_string_equal(rig_log(r), "0s RST\n");
	rig_free(r);
}

static void undelivered_bytes_stop_the_source_at_the_bound(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_block(r, true);
	rig_feed_bytes(r, FLOW_HOLD_LIMIT - 1);
	assert_true(rig_readable(r));
	assert_int_equal(flow_room(rig_flow(r)), 1);
	rig_feed_bytes(r, 1);
	assert_false(rig_readable(r));
	assert_int_equal(flow_room(rig_flow(r)), 0);
	rig_free(r);
}

static void the_source_goes_on_at_half_the_bound(void **state)
{
	struct rig *r = rig_new(NULL, NULL);

	(void)state;
	rig_block(r, true);
	rig_feed_bytes(r, FLOW_HOLD_LIMIT);
	flow_sent(rig_flow(r), FLOW_HOLD_LIMIT / 2 - 1);
	assert_false(rig_readable(r));
	flow_sent(rig_flow(r), 1);
	assert_true(rig_readable(r));
	assert_true(rig_bytes_in_order(r));
	rig_free(r);
}

static void every_reason_to_pause_must_go_before_reading_goes_on(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct flow *f = rig_flow(r);

	(void)state;
	flow_pause(f, PAUSE_CONNECT);
	rig_block(r, true);
	rig_feed_bytes(r, FLOW_HOLD_LIMIT);
	flow_resume(f, PAUSE_CONNECT);
	assert_false(rig_readable(r));
	rig_block(r, false);
	assert_true(rig_readable(r));
	flow_pause(f, PAUSE_CONNECT);
	assert_false(rig_readable(r));
	rig_free(r);
}

/* Bytes times nanoseconds, by hand: of 100 that came at 7 ms, and 50 at 12 ms, the first 40 leave
 * at 12 ms, 80 at 22 ms. */
static void how_long_bytes_were_inside_is_summed_as_they_leave(void **state)
{
	struct rig *r = rig_new(NULL, NULL);
	struct flow *f = rig_flow(r);

	(void)state;
	rig_advance(r, 7 * NS_PER_MS);
	rig_block(r, true);
	rig_feed_bytes(r, 100);
	rig_advance(r, 5 * NS_PER_MS);
	assert_true(f->time.waited == 0.);
	flow_sent(f, 40);
	assert_true(f->time.waited == 40. * 5 * NS_PER_MS);
	rig_feed_bytes(r, 50);
	rig_advance(r, 10 * NS_PER_MS);
	flow_sent(f, 80);
	assert_true(f->time.waited == (40. * 5 + 60. * 15 + 20. * 10) * NS_PER_MS);
	assert_int_equal(f->time.left, 120);
	assert_int_equal(f->time.inside, 30);
	flow_sent(f, 30);
	rig_advance(r, 50 * NS_PER_MS);
	rig_block(r, false);
	rig_feed_bytes(r, 1);
	assert_int_equal(f->time.left, 151);
	assert_true(f->time.waited == (40. * 5 + 60. * 15 + 50. * 10) * NS_PER_MS);
	assert_null(f->time.ages);
	rig_free(r);
}

/* However many steps are kept: the sum is that of each byte by itself. */
static void many_arrivals_keep_their_sum(void **state)
{
	struct flow_time t = {0};
	double sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		flow_time_came(&t, 7, i * NS_PER_MS);
		sum += 7. * (double)((2000 - i) * NS_PER_MS);
	}
	for (int i = 0; i < 700; i++)
		flow_time_left(&t, 10, 2000 * NS_PER_MS);
	assert_int_equal(t.left, 7000);
	assert_true(t.waited > sum * (1 - 1e-9) && t.waited < sum * (1 + 1e-9));
	assert_null(t.ages);
	flow_time_came(&t, 5, 0);
	flow_time_gone(&t, 2);
	assert_int_equal(t.inside, 3);
	flow_time_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_and_fin_pass_in_order),
	    cmocka_unit_test(rst_passes_as_rst),
	    cmocka_unit_test(undelivered_bytes_stop_the_source_at_the_bound),
	    cmocka_unit_test(the_source_goes_on_at_half_the_bound),
	    cmocka_unit_test(every_reason_to_pause_must_go_before_reading_goes_on),
	    cmocka_unit_test(how_long_bytes_were_inside_is_summed_as_they_leave),
	    cmocka_unit_test(many_arrivals_keep_their_sum),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
