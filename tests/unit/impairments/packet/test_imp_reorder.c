/* test_imp_reorder.c - behind what a held back segment goes on, and when at the latest.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS   NS_PER_MS
#define DOWN DIR_DOWNSTREAM

static struct pkt_rig rig;
static uint32_t next_seq;

static void open_rig(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	next_seq = 70001;
}

static unsigned data(void)
{
	unsigned n = pkt_rig_data(&rig, DOWN, next_seq, 100);

	next_seq += 100;
	return n;
}

/* Held by a share of 100 %, while the ones behind it will pass. */
static unsigned held_data(void)
{
	struct err e;
	unsigned n;

	assert_int_equal(impairment_set_param(rig.set, "reorder", "share", "100%", &e), 0);
	n = data();
	assert_int_equal(impairment_set_param(rig.set, "reorder", "share", "0", &e), 0);
	assert_int_equal(pkt_rig_fate(&rig, n), RIG_HELD);
	return n;
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "reorder", param, value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

/* Its place among all verdicts. */
static size_t place(unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(&rig, packet);

	assert_non_null(ev);
	assert_int_equal(ev->fate, RIG_ACCEPTED);
	return (size_t)(ev - rig.events);
}

static void goes_on_right_behind_the_last_it_waits_for(void **state)
{
	unsigned late, first, third, fourth;

	(void)state;
	open_rig("reorder{distance=3}");
	late = held_data();
	first = data();
	data();
	assert_int_equal(pkt_rig_fate(&rig, late), RIG_HELD);
	third = data();
	fourth = data(); /* in the same burst: no timer has run */
	assert_int_equal(place(first), 0);
	assert_int_equal(place(third), 2);
	assert_int_equal(place(late), 3);
	assert_int_equal(place(fourth), 4);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_held\""));
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"distance\""));
	pkt_rig_close(&rig);
}

static void goes_on_at_once_when_nothing_follows(void **state)
{
	unsigned late;

	(void)state;
	open_rig("reorder{distance=1}");
	late = held_data();
	pkt_rig_wait(&rig, 7 * MS);
	data();
	pkt_rig_wait(&rig, 0);
	assert_int_equal(pkt_rig_when(&rig, late), 7 * MS);
	pkt_rig_close(&rig);
}

static void no_longer_than_hold(void **state)
{
	unsigned late;

	(void)state;
	open_rig("reorder{distance=3,hold=50ms}");
	late = held_data();
	data();
	pkt_rig_wait(&rig, 50 * MS - 1);
	assert_int_equal(pkt_rig_fate(&rig, late), RIG_HELD);
	pkt_rig_wait(&rig, 1);
	assert_int_equal(pkt_rig_when(&rig, late), 50 * MS);
	assert_true(pkt_rig_journalled(&rig, "\"held\":0.05,\"reason\":\"hold\""));
	pkt_rig_close(&rig);
}

static void several_that_wait_keep_their_order_and_distance(void **state)
{
	unsigned a, b, third;

	(void)state;
	open_rig("reorder{distance=2}");
	a = held_data();
	data();
	b = held_data();
	data(); /* the second behind a, the first behind b */
	third = data();
	pkt_rig_wait(&rig, 0);
	assert_int_equal(place(a), 2);
	assert_int_equal(place(third), 3);
	assert_int_equal(place(b), 4);
	pkt_rig_close(&rig);
}

static void everything_held_comes_in_order_after_hold(void **state)
{
	unsigned first;

	(void)state;
	open_rig("reorder{share=100%,hold=20ms}");
	first = data();
	for (unsigned i = 1; i < 50; i++)
		data();
	pkt_rig_wait(&rig, 20 * MS);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(place(first + i), i);
	pkt_rig_close(&rig);
}

static void fin_counts_as_a_segment_and_an_ack_does_not(void **state)
{
	unsigned late, fin;

	(void)state;
	open_rig("reorder{distance=1}");
	late = held_data();
	pkt_rig_ack(&rig, DOWN, 1);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 10);
	pkt_rig_wait(&rig, 1 * MS);
	assert_int_equal(pkt_rig_fate(&rig, late), RIG_HELD);
	fin = pkt_rig_send(&rig,
			   (struct rig_segment){
			       .dir = DOWN, .flags = TCP_FIN | TCP_ACK, .seq = next_seq, .ack = 1});
	pkt_rig_wait(&rig, 0);
	assert_true(place(fin) < place(late));
	pkt_rig_close(&rig);
}

static void reset_lets_all_go_on_before_it(void **state)
{
	unsigned a, b, rst;

	(void)state;
	open_rig("reorder");
	rig.ipv6 = true;
	a = held_data();
	b = held_data();
	rst = pkt_rig_send(&rig,
			   (struct rig_segment){.dir = DOWN, .flags = TCP_RST, .seq = next_seq});
	assert_int_equal(place(a), 0);
	assert_int_equal(place(b), 1);
	assert_int_equal(place(rst), 2);
	pkt_rig_close(&rig);
}

/* 99.9 % of all binomial samples of 4,000 at 20 % lie within 717 to 884. */
static void share_is_kept(void **state)
{
	unsigned held = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		open_rig("reorder{share=20%,hold=1s}");
		rig.env.seed = seed;
		for (unsigned i = 0; i < 200; i++)
			held += pkt_rig_fate(&rig, data()) == RIG_HELD;
		pkt_rig_close(&rig);
	}
	assert_in_range(held, 717, 884);
}

static void change_acts_on_what_waits(void **state)
{
	unsigned late;

	(void)state;
	open_rig("reorder{distance=9,hold=50ms}");
	late = held_data();
	data();
	data();
	pkt_rig_wait(&rig, 10 * MS);
	set_param("hold", "80ms");
	pkt_rig_wait(&rig, 50 * MS);
	assert_int_equal(pkt_rig_fate(&rig, late), RIG_HELD);
	set_param("distance", "2"); /* which have passed */
	pkt_rig_wait(&rig, 0);
	assert_int_equal(pkt_rig_when(&rig, late), 60 * MS);
	late = held_data();
	set_param("hold", "5ms");
	pkt_rig_wait(&rig, 5 * MS);
	assert_int_equal(pkt_rig_when(&rig, late), 65 * MS);
	pkt_rig_close(&rig);
}

static void disabling_releases_in_order_at_once(void **state)
{
	unsigned a, b;

	(void)state;
	pkt_rig_open_client_leg(&rig, "reorder");
	pkt_rig_handshake(&rig);
	next_seq = 1;
	a = held_data();
	b = held_data();
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(place(a), 3);
	assert_int_equal(place(b), 4);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"drained\""));
	assert_int_equal(pkt_rig_fate(&rig, data()), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void forgotten_connection_leaves_nothing_held(void **state)
{
	(void)state;
	open_rig("reorder");
	for (unsigned i = 0; i < 100; i++)
		held_data();
	pkt_rig_close(&rig); /* fails when a packet has no verdict */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_on_right_behind_the_last_it_waits_for),
	    cmocka_unit_test(goes_on_at_once_when_nothing_follows),
	    cmocka_unit_test(no_longer_than_hold),
	    cmocka_unit_test(several_that_wait_keep_their_order_and_distance),
	    cmocka_unit_test(everything_held_comes_in_order_after_hold),
	    cmocka_unit_test(fin_counts_as_a_segment_and_an_ack_does_not),
	    cmocka_unit_test(reset_lets_all_go_on_before_it),
	    cmocka_unit_test(share_is_kept),
	    cmocka_unit_test(change_acts_on_what_waits),
	    cmocka_unit_test(disabling_releases_in_order_at_once),
	    cmocka_unit_test(forgotten_connection_leaves_nothing_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
