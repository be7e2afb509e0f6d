/* test_delayed_ack.c - when delayed_ack holds an ACK, and for how long.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/delayed_ack_words.h"

static void pure_ack_waits_for_the_timer(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{timer=200ms}");
	data(1, 100);
	a = ack(101);
	pkt_rig_wait(&rig, 200 * MS - 1);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 1);
	assert_passed_now(a);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"ack_held\""));
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"timer\""));
	assert_true(pkt_rig_journalled(&rig, "\"held\":0.2"));
	pkt_rig_close(&rig);
}

static void timer_counts_from_the_first_segment_covered(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{timer=200ms,every=3}");
	data(1, 100);
	pkt_rig_wait(&rig, 30 * MS);
	data(101, 100);
	pkt_rig_wait(&rig, 20 * MS);
	a = ack(201);
	pkt_rig_wait(&rig, 500 * MS);
	assert_int_equal(pkt_rig_when(&rig, a), 200 * MS);
	pkt_rig_close(&rig);
}

static void every_second_segment_is_acknowledged_at_once(void **state)
{
	unsigned first, second;

	(void)state;
	open_rig("delayed_ack{every=2}");
	data(1, 10);
	first = ack(11);
	pkt_rig_wait(&rig, 5 * MS);
	assert_fate(first, RIG_HELD);
	data(11, 10);
	second = ack(21);
	assert_passed_now(second);
	assert_fate(first, RIG_DROPPED); /* what passes with a higher number drops it */
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"count\""));
	pkt_rig_close(&rig);
}

static void count_starts_anew_after_an_acknowledgement(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=2}");
	data(1, 10);
	data(11, 10);
	assert_passed_now(ack(21));
	data(21, 10);
	a = ack(31);
	assert_fate(a, RIG_HELD);
	data(31, 10);
	assert_passed_now(ack(41));
	assert_fate(a, RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void every_1_never_holds(void **state)
{
	(void)state;
	open_rig("delayed_ack{every=1}");
	for (uint32_t i = 0; i < 10; i++) {
		data(1 + i * 10, 10);
		assert_passed_now(ack(11 + i * 10));
	}
	assert_false(pkt_rig_journalled(&rig, "ack_held"));
	pkt_rig_close(&rig);
}

static void only_covered_segments_count(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=2}");
	data(1, 10);
	data(11, 10); /* not acknowledged yet */
	a = ack(11);
	assert_fate(a, RIG_HELD);
	pkt_rig_close(&rig);
}

/* A window of many segments. */
static unsigned wide_ack(uint32_t number)
{
	return pkt_rig_send(
	    &rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = number, .window = 60000});
}

static void full_sized_counts_no_small_segments(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=2,count=full_sized}");
	wide_ack(1);
	data(1, 100);
	data(101, 100);
	a = wide_ack(201);
	assert_fate(a, RIG_HELD);
	data(201, RIG_MSS);
	assert_fate(wide_ack(201 + RIG_MSS), RIG_HELD);
	data(201 + RIG_MSS, RIG_MSS);
	assert_passed_now(wide_ack(201 + 2 * RIG_MSS));
	pkt_rig_close(&rig);
}

static void full_size_includes_the_options(void **state)
{
	struct rig_segment s = {.dir = DATA, .ack = 1, .len = RIG_MSS - 12, .timestamps = true};

	(void)state;
	open_rig("delayed_ack{every=2,count=full_sized}");
	s.seq = 1;
	pkt_rig_send(&rig, s);
	s.seq += s.len;
	pkt_rig_send(&rig, s);
	assert_passed_now(ack(s.seq + s.len));
	pkt_rig_close(&rig);
}

static void newer_pure_ack_replaces_the_held_and_keeps_its_timer(void **state)
{
	unsigned first, second;

	(void)state;
	open_rig("delayed_ack{every=9}");
	data(1, 100);
	first = ack(101);
	pkt_rig_wait(&rig, 50 * MS);
	data(101, 100);
	second = ack(201);
	assert_fate(first, RIG_DROPPED);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"replaced\""));
	pkt_rig_wait(&rig, 150 * MS - 1);
	assert_fate(second, RIG_HELD);
	pkt_rig_wait(&rig, 1);
	assert_passed_now(second);
	pkt_rig_close(&rig);
}

static void ack_of_new_data_with_another_window_is_a_pure_ack(void **state)
{
	struct rig_segment a = {.dir = ACKS, .seq = 1, .ack = 1, .window = 5000};
	unsigned first, second;

	(void)state;
	open_rig("delayed_ack");
	pkt_rig_send(&rig, a);
	data(1, 100);
	a.ack = 101;
	first = pkt_rig_send(&rig, a);
	a.window = 6000;
	second = pkt_rig_send(&rig, a);
	assert_fate(first, RIG_DROPPED);
	assert_fate(second, RIG_HELD);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(second);
	pkt_rig_close(&rig);
}

static void late_ack_passes_when_its_time_is_over(void **state)
{
	(void)state;
	open_rig("delayed_ack{timer=200ms}");
	data(1, 100);
	pkt_rig_wait(&rig, 250 * MS); /* the receiver's own delay was longer */
	assert_passed_now(ack(101));
	pkt_rig_close(&rig);
}

static void data_sent_again_is_no_new_segment(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=2}");
	data(1, 100);
	data(1, 100);
	a = ack(101);
	assert_fate(a, RIG_HELD);
	pkt_rig_close(&rig);
}

static void sequence_numbers_wrap(void **state)
{
	uint32_t near_end = 0u - RIG_ISN_SERVER - 50;
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "delayed_ack{every=3}"); /* found midstream, near the end */
	data(near_end, 100);
	a = ack(near_end + 100);
	assert_fate(a, RIG_HELD);
	data(near_end + 100, 100);
	assert_fate(ack(near_end + 200), RIG_HELD);
	assert_fate(a, RIG_DROPPED);
	data(near_end + 200, 100);
	assert_passed_now(ack(near_end + 300));
	pkt_rig_close(&rig);
}

static void bulk_data_is_tracked_without_a_bound_on_segments(void **state)
{
	(void)state;
	open_rig("delayed_ack{every=100}");
	for (uint32_t i = 0; i < 99; i++)
		data(1 + i, 1);
	assert_fate(ack(100), RIG_HELD);
	data(100, 1);
	assert_passed_now(ack(101));
	pkt_rig_close(&rig);
}

static void upstream_data_has_its_acks_held_downstream(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{direction=upstream}");
	data(1, 100);
	assert_passed_now(ack(101));
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 100);
	a = pkt_rig_ack(&rig, DIR_DOWNSTREAM, 101);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

static void disabling_releases_at_once_and_lets_the_rest_pass(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	pkt_stage_set_active(rig.conn->first, false);
	assert_passed_now(a);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"drained\""));
	data(101, 100);
	assert_passed_now(ack(201));
	pkt_stage_set_active(rig.conn->first, true);
	data(201, 100);
	assert_fate(ack(301), RIG_HELD);
	pkt_rig_close(&rig);
}

static void what_was_sent_while_disabled_doesnt_count(void **state)
{
	(void)state;
	open_rig("delayed_ack{every=2}");
	data(1, 100);
	pkt_stage_set_active(rig.conn->first, false);
	assert_passed_now(ack(101));
	pkt_stage_set_active(rig.conn->first, true);
	data(101, 100);
	assert_fate(ack(201), RIG_HELD);
	pkt_rig_close(&rig);
}

static void change_judges_the_held_ack_anew(void **state)
{
	struct err e;
	unsigned a;

	(void)state;
	open_rig("delayed_ack{timer=200ms}");
	data(1, 100);
	a = ack(101);
	assert_int_equal(impairment_set_param(rig.set, "delayed_ack", "timer", "300ms", &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
	pkt_rig_wait(&rig, 299 * MS);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 1 * MS);
	assert_passed_now(a);
	data(101, 100);
	a = ack(201);
	assert_int_equal(impairment_set_param(rig.set, "delayed_ack", "every", "1", &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

static void connection_found_midstream_is_held_too(void **state)
{
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "delayed_ack");
	rig.ipv6 = true;
	assert_passed_now(ack(70001)); /* of data that was never seen */
	data(70001, 100);
	a = ack(70101);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

static void two_in_a_row_both_have_their_say(void **state)
{
	struct err e;
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "delayed_ack{timer=200ms}");
	assert_int_equal(impairment_set_text(rig.set, "delayed_ack{timer=300ms}", &e), 0);
	assert_string_equal(rig.set->inst[1].name, "delayed_ack#2");
	pkt_rig_handshake(&rig);
	data(1, 100);
	a = ack(101);
	pkt_rig_wait(&rig, 299 * MS);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 1 * MS);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

static void client_leg_holds_acks_of_upstream_data_only_by_default(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "delayed_ack{direction=downstream}");
	pkt_rig_handshake(&rig);
	data(1, 100);
	assert_passed_now(ack(101)); /* downstream: wedge receives on the server leg */
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "delayed_ack{direction=upstream}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 100);
	assert_fate(pkt_rig_ack(&rig, DIR_DOWNSTREAM, 101), RIG_HELD);
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "delayed_ack{direction=downstream,leg=client}");
	pkt_rig_handshake(&rig);
	data(1, 100);
	assert_fate(ack(101), RIG_HELD);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pure_ack_waits_for_the_timer),
	    cmocka_unit_test(timer_counts_from_the_first_segment_covered),
	    cmocka_unit_test(every_second_segment_is_acknowledged_at_once),
	    cmocka_unit_test(count_starts_anew_after_an_acknowledgement),
	    cmocka_unit_test(every_1_never_holds),
	    cmocka_unit_test(only_covered_segments_count),
	    cmocka_unit_test(full_sized_counts_no_small_segments),
	    cmocka_unit_test(full_size_includes_the_options),
	    cmocka_unit_test(newer_pure_ack_replaces_the_held_and_keeps_its_timer),
	    cmocka_unit_test(ack_of_new_data_with_another_window_is_a_pure_ack),
	    cmocka_unit_test(late_ack_passes_when_its_time_is_over),
	    cmocka_unit_test(data_sent_again_is_no_new_segment),
	    cmocka_unit_test(sequence_numbers_wrap),
	    cmocka_unit_test(bulk_data_is_tracked_without_a_bound_on_segments),
	    cmocka_unit_test(upstream_data_has_its_acks_held_downstream),
	    cmocka_unit_test(disabling_releases_at_once_and_lets_the_rest_pass),
	    cmocka_unit_test(what_was_sent_while_disabled_doesnt_count),
	    cmocka_unit_test(change_judges_the_held_ack_anew),
	    cmocka_unit_test(connection_found_midstream_is_held_too),
	    cmocka_unit_test(two_in_a_row_both_have_their_say),
	    cmocka_unit_test(client_leg_holds_acks_of_upstream_data_only_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
