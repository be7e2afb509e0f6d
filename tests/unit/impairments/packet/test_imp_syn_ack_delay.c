/* test_imp_syn_ack_delay.c - when a late SYN-ACK comes, and what comes of those sent meanwhile.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS NS_PER_MS

static struct pkt_rig rig;

static unsigned syn(uint32_t isn)
{
	return pkt_rig_send(
	    &rig, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN, .seq = isn});
}

static unsigned syn_ack(uint32_t isn)
{
	return pkt_rig_send(&rig, (struct rig_segment){.dir = DIR_DOWNSTREAM,
						       .flags = TCP_SYN | TCP_ACK,
						       .ack = isn + 1});
}

static void assert_fate(unsigned packet, enum rig_fate fate)
{
	assert_int_equal(pkt_rig_fate(&rig, packet), fate);
}

static void set_delay(const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "syn_ack_delay", "delay", value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

static void comes_after_the_delay_never_before(void **state)
{
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=1500ms}");
	assert_fate(syn(0), RIG_ACCEPTED);
	pkt_rig_wait(&rig, 20 * MS);
	a = syn_ack(0);
	pkt_rig_wait(&rig, 1500 * MS - 1);
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 1);
	assert_fate(a, RIG_ACCEPTED);
	assert_int_equal(pkt_rig_when(&rig, a), 1520 * MS);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"syn_ack_held\""));
	assert_true(pkt_rig_journalled(&rig, "\"held\":1.5,\"reason\":\"timer\""));
	pkt_rig_close(&rig);
}

static void syns_pass_and_the_answers_to_them_are_dropped(void **state)
{
	unsigned first;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=3s}");
	syn(0);
	first = syn_ack(0);
	for (unsigned i = 0; i < 2; i++) {
		pkt_rig_wait(&rig, 1000 * MS);
		assert_fate(syn(0), RIG_ACCEPTED);
		assert_fate(syn_ack(0), RIG_DROPPED);
	}
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"duplicate\""));
	pkt_rig_wait(&rig, 1000 * MS);
	assert_int_equal(pkt_rig_when(&rig, first), 3000 * MS);
	assert_fate(syn_ack(0), RIG_ACCEPTED); /* behind it they pass */
	pkt_rig_close(&rig);
}

static void another_attempt_drops_the_held_one_and_has_its_own_time(void **state)
{
	unsigned old, new;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=1s}");
	syn(0);
	old = syn_ack(0);
	pkt_rig_wait(&rig, 600 * MS);
	syn(70);
	new = syn_ack(70);
	assert_fate(old, RIG_DROPPED);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"replaced\""));
	pkt_rig_wait(&rig, 1000 * MS);
	assert_int_equal(pkt_rig_when(&rig, new), 1600 * MS);
	pkt_rig_close(&rig);
}

static void nothing_else_is_touched(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay");
	rig.ipv6 = true;
	assert_fate(pkt_rig_data(&rig, DIR_UPSTREAM, 70001, 10), RIG_ACCEPTED);
	assert_fate(pkt_rig_data(&rig, DIR_DOWNSTREAM, 70001, 10), RIG_ACCEPTED);
	assert_fate(pkt_rig_ack(&rig, DIR_DOWNSTREAM, 70011), RIG_ACCEPTED);
	assert_fate(
	    pkt_rig_send(&rig, (struct rig_segment){.dir = DIR_DOWNSTREAM, .flags = TCP_RST}),
	    RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void both_directions_delay_it_once(void **state)
{
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=1s,direction=both}");
	syn(0);
	a = syn_ack(0);
	pkt_rig_wait(&rig, 1000 * MS);
	assert_fate(a, RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void change_times_the_held_one_anew_from_when_it_came(void **state)
{
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=1s}");
	syn(0);
	a = syn_ack(0);
	pkt_rig_wait(&rig, 500 * MS);
	set_delay("2s");
	pkt_rig_wait(&rig, 1500 * MS);
	assert_int_equal(pkt_rig_when(&rig, a), 2000 * MS);
	syn(90);
	a = syn_ack(90);
	pkt_rig_wait(&rig, 500 * MS);
	set_delay("100ms"); /* which is over */
	pkt_rig_wait(&rig, 0);
	assert_int_equal(pkt_rig_when(&rig, a), 2500 * MS);
	pkt_rig_close(&rig);
}

static void disabling_releases_it_at_once(void **state)
{
	unsigned a;

	(void)state;
	pkt_rig_open_client_leg(&rig, "syn_ack_delay");
	syn(0);
	a = syn_ack(0);
	pkt_rig_wait(&rig, 10 * MS);
	assert_fate(a, RIG_HELD);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_when(&rig, a), 10 * MS);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"drained\""));
	assert_fate(syn_ack(0), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void forgotten_connection_leaves_nothing_held(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay");
	syn(0);
	assert_fate(syn_ack(0), RIG_HELD);
	pkt_rig_close(&rig); /* fails when a packet has no verdict */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comes_after_the_delay_never_before),
	    cmocka_unit_test(syns_pass_and_the_answers_to_them_are_dropped),
	    cmocka_unit_test(another_attempt_drops_the_held_one_and_has_its_own_time),
	    cmocka_unit_test(nothing_else_is_touched),
	    cmocka_unit_test(both_directions_delay_it_once),
	    cmocka_unit_test(change_times_the_held_one_anew_from_when_it_came),
	    cmocka_unit_test(disabling_releases_it_at_once),
	    cmocka_unit_test(forgotten_connection_leaves_nothing_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
