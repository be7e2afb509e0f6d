/* test_imp_rst_inject.c - when the forged RST is sent, with which number, and what passes after it.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static struct pkt_rig rig;

/* Its only stage doesn't act yet. */
static struct pkt_stage *open_idle(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	pkt_stage_set_active(rig.conn->first, false);
	return rig.conn->first;
}

static bool passes(struct rig_segment s)
{
	return pkt_rig_fate(&rig, pkt_rig_send(&rig, s)) == RIG_ACCEPTED;
}

static void assert_rst(enum dir dir, uint32_t seq)
{
	struct tcp_view v = pkt_rig_injection(&rig);
	const struct addr *to = dir == UP ? &rig.conn->server : &rig.conn->client;

	assert_int_equal(v.flags, TCP_RST);
	assert_int_equal(v.seq, (dir == UP ? RIG_ISN_CLIENT : RIG_ISN_SERVER) + seq);
	assert_true(addr_equal(&v.dst, to));
	assert_true(addr_equal(&v.src, dir == UP ? &rig.conn->client : &rig.conn->server));
}

static void from_the_start_the_client_gets_it_when_connected(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "rst_inject");
		rig.ipv6 = ipv6;
		pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
		pkt_rig_send(
		    &rig, (struct rig_segment){.dir = DOWN, .flags = TCP_SYN | TCP_ACK, .ack = 1});
		assert_int_equal(pkt_rig_injected(&rig), 0);
		pkt_rig_ack(&rig, UP, 1);
		assert_int_equal(pkt_rig_injected(&rig), 1);
		assert_rst(DOWN, 1);
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"rst_injected\""));
		assert_true(pkt_rig_journalled(&rig, "\"to\":\"client\""));
		assert_true(passes((struct rig_segment){.dir = UP, .seq = 1, .ack = 1, .len = 9}));
		assert_true(passes((struct rig_segment){.dir = DOWN, .seq = 1, .ack = 10}));
		assert_int_equal(pkt_rig_injected(&rig), 1); /* once */
		pkt_rig_close(&rig);
	}
}

static void from_the_start_the_server_gets_it_with_its_first_segment(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "rst_inject{to=server}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, UP, 1, 100);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_ack(&rig, DOWN, 101);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	assert_rst(UP, 101);
	pkt_rig_close(&rig);
}

static void idle_connection_gets_it_at_once(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject{to=both}");

	(void)state;
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, UP, 1, 100);
	pkt_rig_ack(&rig, DOWN, 101);
	pkt_rig_data(&rig, DOWN, 1, 30);
	pkt_rig_ack(&rig, UP, 31);
	pkt_stage_set_active(st, true);
	assert_int_equal(pkt_rig_injected(&rig), 2);
	assert_rst(DOWN, 31);
	assert_true(pkt_rig_journalled(&rig, "\"to\":\"server\",\"seq\":1101"));
	pkt_rig_close(&rig);
}

/* Data that has passed and isn't acknowledged yet comes before the RST. */
static void it_follows_the_data_in_flight(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject");

	(void)state;
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 30);
	pkt_rig_data(&rig, DOWN, 31, 30);
	pkt_rig_data(&rig, DOWN, 31, 30); /* sent again */
	pkt_stage_set_active(st, true);
	assert_rst(DOWN, 61);
	pkt_rig_close(&rig);
}

static void challenge_is_answered_with_what_it_asks_for(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject");

	(void)state;
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 30); /* will be lost behind us */
	pkt_stage_set_active(st, true);
	assert_rst(DOWN, 31);
	pkt_rig_ack(&rig, UP, 1);
	assert_int_equal(pkt_rig_injected(&rig), 2);
	assert_rst(DOWN, 1);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"rst_repeated\""));
	pkt_rig_ack(&rig, UP, 1); /* it was asked for once */
	assert_int_equal(pkt_rig_injected(&rig), 2);
	pkt_rig_close(&rig);
}

static void acknowledgements_still_on_their_way_are_no_challenge(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject");

	(void)state;
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 30);
	pkt_rig_data(&rig, DOWN, 31, 30);
	pkt_rig_data(&rig, DOWN, 61, 30);
	pkt_stage_set_active(st, true);
	pkt_rig_ack(&rig, UP, 31);
	pkt_rig_ack(&rig, UP, 61);
	pkt_rig_ack(&rig, UP, 91);
	pkt_rig_ack(&rig, UP, 91);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	pkt_rig_close(&rig);
}

static void with_silence_nothing_passes_afterwards(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject{silence=yes}");
	struct rig_segment up = {.dir = UP, .seq = 1, .ack = 1, .len = 9};
	struct rig_segment down = {.dir = DOWN, .seq = 1, .ack = 1, .len = 9};
	struct err e;

	(void)state;
	pkt_rig_handshake(&rig);
	assert_true(passes(up));
	pkt_stage_set_active(st, true);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	assert_int_equal(rig.conn->vanished, 1);
	assert_false(passes(up));
	assert_false(passes(down));
	assert_int_equal(impairment_set_param(rig.set, "rst_inject", "silence", "no", &e), 0);
	pkt_stage_update(st, rig.set->inst[0].cfg);
	assert_true(passes(down));
	assert_int_equal(impairment_set_param(rig.set, "rst_inject", "silence", "yes", &e), 0);
	pkt_stage_update(st, rig.set->inst[0].cfg);
	assert_false(passes(down));
	pkt_stage_set_active(st, false);
	assert_int_equal(rig.conn->vanished, 0);
	assert_true(passes(down));
	pkt_rig_close(&rig);
}

static void midstream_it_waits_for_the_target(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "rst_inject");
	pkt_rig_data(&rig, DOWN, 1, 100);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_ack(&rig, UP, 101);
	assert_rst(DOWN, 101);
	pkt_rig_close(&rig);
}

static void in_both_directions_it_is_sent_once(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "rst_inject{direction=both}");
	pkt_rig_handshake(&rig);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	pkt_rig_close(&rig);
}

static void each_time_it_acts_it_sends_one(void **state)
{
	struct pkt_stage *st = open_idle("rst_inject");

	(void)state;
	pkt_rig_handshake(&rig);
	for (unsigned i = 1; i <= 3; i++) {
		pkt_stage_set_active(st, true);
		assert_int_equal(pkt_rig_injected(&rig), i);
		pkt_stage_set_active(st, false);
	}
	pkt_rig_close(&rig);
}

static void none_is_sent_through_a_vanished_connection(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "vanish");
	assert_int_equal(impairment_set_text(rig.set, "rst_inject", &e), 0);
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 10);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
	open_idle("rst_inject"); /* in front of it */
	pkt_rig_handshake(&rig);
	rig.conn->vanished++; /* as another stage says */
	pkt_stage_set_active(rig.conn->first, true);
	pkt_rig_ack(&rig, UP, 1);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	rig.conn->vanished--;
	pkt_rig_ack(&rig, UP, 1);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_the_start_the_client_gets_it_when_connected),
	    cmocka_unit_test(from_the_start_the_server_gets_it_with_its_first_segment),
	    cmocka_unit_test(idle_connection_gets_it_at_once),
	    cmocka_unit_test(it_follows_the_data_in_flight),
	    cmocka_unit_test(challenge_is_answered_with_what_it_asks_for),
	    cmocka_unit_test(acknowledgements_still_on_their_way_are_no_challenge),
	    cmocka_unit_test(with_silence_nothing_passes_afterwards),
	    cmocka_unit_test(midstream_it_waits_for_the_target),
	    cmocka_unit_test(in_both_directions_it_is_sent_once),
	    cmocka_unit_test(each_time_it_acts_it_sends_one),
	    cmocka_unit_test(none_is_sent_through_a_vanished_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
