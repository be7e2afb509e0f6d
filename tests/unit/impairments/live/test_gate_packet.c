/* test_gate_packet.c - windows of packet impairments: by packets, new bytes and time.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void open_rig(struct pkt_rig *r, const char *faults)
{
	pkt_rig_open(r, faults);
	pkt_rig_handshake(r);
}

/* The fates of packets as letters: a(ccepted), d(ropped), h(eld). */
static void assert_fates(const struct pkt_rig *r, unsigned first, const char *wanted)
{
	for (unsigned i = 0; wanted[i]; i++)
		assert_int_equal("had"[pkt_rig_fate(r, first + i)], wanted[i]);
}

static void loss_begins_and_ends_at_its_bytes_and_retransmissions_dont_count(void **state)
{
	struct pkt_rig r;

	(void)state;
	open_rig(&r, "loss{rate=100%,after=2000B,for=1000B}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 1000);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 1000); /* again */
	pkt_rig_data(&r, DIR_UPSTREAM, 1, 1000);   /* the other direction */
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1001, 1000);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 2001, 500);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 2501, 500);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 3001, 1000);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 2001, 500);
	assert_fates(&r, 3, "aaaaddaa");
	pkt_rig_close(&r);
}

static void packets_are_counted_in_their_direction_from_the_syn_on(void **state)
{
	struct pkt_rig r;

	(void)state;
	open_rig(&r, "loss{rate=100%,what=all,direction=upstream,after=3 packets,for=2pkt}");
	for (uint32_t i = 0; i < 5; i++)
		pkt_rig_ack(&r, DIR_UPSTREAM, 1);
	assert_fates(&r, 3, "addaa"); /* the handshake has two of that direction */
	pkt_rig_close(&r);
}

static void time_counts_from_the_connections_first_packet(void **state)
{
	struct pkt_rig r;

	(void)state;
	open_rig(&r, "loss{rate=100%,after=1s,for=1s,every=3s}");
	for (uint32_t i = 0; i < 6; i++) {
		pkt_rig_data(&r, DIR_DOWNSTREAM, 1 + 10 * i, 10);
		pkt_rig_wait(&r, NS_PER_S);
	}
	assert_fates(&r, 3, "adaada");
	pkt_rig_close(&r);
}

static void frozen_packets_go_when_the_window_ends(void **state)
{
	struct pkt_rig r;
	unsigned data;

	(void)state;
	open_rig(&r, "freeze{run=1ms,pause=10s,side=client,for=1s}");
	pkt_rig_wait(&r, NS_PER_S / 2);
	data = pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 100);
	pkt_rig_wait(&r, 2 * NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, data), NS_PER_S);
	assert_true(pkt_rig_journalled(&r, "its window ends at 1s"));
	pkt_rig_close(&r);
}

static void what_came_inside_the_window_keeps_its_delay(void **state)
{
	struct pkt_rig r;
	unsigned inside, behind, later;

	(void)state;
	open_rig(&r, "delay{delay=500ms,after=1B,for=10B}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 1);
	inside = pkt_rig_data(&r, DIR_DOWNSTREAM, 2, 10);
	pkt_rig_wait(&r, 300 * NS_PER_MS);
	behind = pkt_rig_data(&r, DIR_DOWNSTREAM, 12, 10);
	pkt_rig_wait(&r, NS_PER_S);
	later = pkt_rig_data(&r, DIR_DOWNSTREAM, 22, 10);
	assert_int_equal(pkt_rig_when(&r, inside), 500 * NS_PER_MS);
	assert_int_equal(pkt_rig_when(&r, behind), 500 * NS_PER_MS); /* only its order */
	assert_int_equal(pkt_rig_when(&r, later), 1300 * NS_PER_MS);
	pkt_rig_close(&r);
	open_rig(&r, "delay{delay=500ms,reorder=yes,after=1B,for=10B}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 1);
	inside = pkt_rig_data(&r, DIR_DOWNSTREAM, 2, 10);
	behind = pkt_rig_data(&r, DIR_DOWNSTREAM, 12, 10);
	pkt_rig_wait(&r, NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, inside), 500 * NS_PER_MS);
	assert_int_equal(pkt_rig_when(&r, behind), 0);
	pkt_rig_close(&r);
}

static void delay_that_is_changed_behind_its_window_is_of_what_was_inside(void **state)
{
	struct pkt_rig r;
	unsigned inside, behind;
	struct err e;

	(void)state;
	open_rig(&r, "delay{delay=500ms,for=10B}");
	inside = pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 10);
	pkt_rig_wait(&r, 100 * NS_PER_MS);
	behind = pkt_rig_data(&r, DIR_DOWNSTREAM, 11, 10);
	assert_int_equal(impairment_set_param(r.set, "delay", "delay", "200ms", &e), 0);
	pkt_stage_update(r.conn->first, r.set->inst[0].cfg);
	pkt_rig_wait(&r, NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, inside), 200 * NS_PER_MS);
	assert_int_equal(pkt_rig_when(&r, behind), 200 * NS_PER_MS);
	pkt_rig_close(&r);
}

static void ack_that_was_held_inside_the_window_keeps_its_timer(void **state)
{
	struct pkt_rig r;
	unsigned ack, later;

	(void)state;
	open_rig(&r, "delayed_ack{timer=10s,for=1s}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 100);
	ack = pkt_rig_ack(&r, DIR_UPSTREAM, 101);
	pkt_rig_wait(&r, 11 * NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, ack), 10 * NS_PER_S);
	pkt_rig_close(&r);
	open_rig(&r, "delayed_ack{timer=10s,for=1s}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 100);
	ack = pkt_rig_ack(&r, DIR_UPSTREAM, 101);
	pkt_rig_wait(&r, 2 * NS_PER_S);
	pkt_rig_data(&r, DIR_DOWNSTREAM, 101, 100);
	later = pkt_rig_ack(&r, DIR_UPSTREAM, 201);
	assert_int_equal(pkt_rig_when(&r, later),
			 2 * NS_PER_S); /* it says all that the held one says */
	assert_int_equal(pkt_rig_fate(&r, ack), RIG_DROPPED);
	pkt_rig_close(&r);
}

static void window_that_opens_again_goes_on(void **state)
{
	struct pkt_rig r;
	unsigned first, behind, second;

	(void)state;
	open_rig(&r, "delay{delay=500ms,for=10B,every=20B}");
	first = pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 10);
	behind = pkt_rig_data(&r, DIR_DOWNSTREAM, 11, 10);
	pkt_rig_wait(&r, 100 * NS_PER_MS);
	second = pkt_rig_data(&r, DIR_DOWNSTREAM, 21, 10);
	pkt_rig_wait(&r, NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, first), 500 * NS_PER_MS);
	assert_int_equal(pkt_rig_when(&r, behind), 500 * NS_PER_MS);
	assert_int_equal(pkt_rig_when(&r, second), 600 * NS_PER_MS);
	pkt_rig_close(&r);
}

static void syn_ack_that_was_held_inside_the_window_is_late(void **state)
{
	struct pkt_rig r;
	unsigned first, again;
	const struct rig_segment syn_ack = {
	    .dir = DIR_DOWNSTREAM, .flags = TCP_SYN | TCP_ACK, .ack = 1};

	(void)state;
	pkt_rig_open(&r, "syn_ack_delay{delay=1500ms,for=200ms}");
	pkt_rig_send(&r, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN});
	first = pkt_rig_send(&r, syn_ack);
	pkt_rig_wait(&r, NS_PER_S);
	again = pkt_rig_send(&r, syn_ack);
	pkt_rig_wait(&r, NS_PER_S);
	assert_int_equal(pkt_rig_when(&r, first), 1500 * NS_PER_MS);
	assert_int_equal(pkt_rig_fate(&r, again), RIG_DROPPED);
	pkt_rig_close(&r);
}

static void probability_of_a_connection_is_decided_once(void **state)
{
	struct pkt_rig r;

	(void)state;
	open_rig(&r, "loss{rate=100%,probability=0%}");
	for (uint32_t i = 0; i < 10; i++)
		pkt_rig_data(&r, DIR_DOWNSTREAM, 1 + 10 * i, 10);
	assert_fates(&r, 3, "aaaaaaaaaa");
	assert_true(pkt_rig_journalled(&r, "not chosen"));
	pkt_rig_close(&r);
}

static void clients_and_servers_are_matched(void **state)
{
	struct pkt_rig r;

	(void)state;
	open_rig(&r, "loss{rate=100%,client=192.0.2.1,server=198.51.100.0/24,port=80}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 10);
	assert_fates(&r, 3, "d");
	pkt_rig_close(&r);
	open_rig(&r, "loss{rate=100%,client=192.0.2.2}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 10);
	assert_fates(&r, 3, "a");
	pkt_rig_close(&r);
}

static void removal_while_packets_are_held_lets_them_go(void **state)
{
	struct impairment_set *none = impairment_set_new();
	struct pkt_rig r;
	struct err e;
	unsigned ack;

	(void)state;
	open_rig(&r, "delayed_ack{timer=10s}");
	pkt_rig_data(&r, DIR_DOWNSTREAM, 1, 100);
	ack = pkt_rig_ack(&r, DIR_UPSTREAM, 101);
	assert_int_equal(pkt_rig_fate(&r, ack), RIG_HELD);
	assert_int_equal(impairment_set_apply(r.set, none, true, &e), 0);
	assert_int_equal(pkt_rig_fate(&r, ack), RIG_ACCEPTED);
	assert_null(r.conn->first);
	impairment_set_free(none);
	pkt_rig_close(&r);
}

static void instance_that_comes_late_takes_its_place(void **state)
{
	struct impairment_set *wanted = impairment_set_new();
	struct pkt_rig r;
	struct err e;

	(void)state;
	open_rig(&r, "loss{rate=100%,after=30B,for=10B}");
	for (uint32_t i = 0; i < 2; i++)
		pkt_rig_data(&r, DIR_DOWNSTREAM, 1 + 10 * i, 10);
	assert_int_equal(impairment_set_text(wanted, "loss{name=early,rate=0%}", &e), 0);
	assert_int_equal(
	    impairment_set_text(wanted, "loss{name=loss,rate=100%,after=30B,for=10B}", &e), 0);
	assert_int_equal(impairment_set_apply(r.set, wanted, true, &e), 0);
	assert_string_equal(r.conn->first->name, "early");
	assert_string_equal(r.conn->last->name, "loss");
	for (uint32_t i = 2; i < 5; i++)
		pkt_rig_data(&r, DIR_DOWNSTREAM, 1 + 10 * i, 10);
	assert_fates(&r, 3, "aaada");
	impairment_set_free(wanted);
	pkt_rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loss_begins_and_ends_at_its_bytes_and_retransmissions_dont_count),
	    cmocka_unit_test(packets_are_counted_in_their_direction_from_the_syn_on),
	    cmocka_unit_test(time_counts_from_the_connections_first_packet),
	    cmocka_unit_test(frozen_packets_go_when_the_window_ends),
	    cmocka_unit_test(what_came_inside_the_window_keeps_its_delay),
	    cmocka_unit_test(delay_that_is_changed_behind_its_window_is_of_what_was_inside),
	    cmocka_unit_test(ack_that_was_held_inside_the_window_keeps_its_timer),
	    cmocka_unit_test(window_that_opens_again_goes_on),
	    cmocka_unit_test(syn_ack_that_was_held_inside_the_window_is_late),
	    cmocka_unit_test(probability_of_a_connection_is_decided_once),
	    cmocka_unit_test(clients_and_servers_are_matched),
	    cmocka_unit_test(removal_while_packets_are_held_lets_them_go),
	    cmocka_unit_test(instance_that_comes_late_takes_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
