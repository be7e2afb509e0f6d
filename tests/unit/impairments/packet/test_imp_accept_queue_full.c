/* test_imp_accept_queue_full.c - what a full accept queue ignores, what passes, and until when.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define UP DIR_UPSTREAM

static struct pkt_rig rig;

static enum rig_fate put(enum dir dir, uint8_t flags, uint32_t seq)
{
	unsigned n = pkt_rig_send(
	    &rig, (struct rig_segment){.dir = dir, .flags = flags, .seq = seq, .ack = 1});

	return pkt_rig_fate(&rig, n);
}

static enum rig_fate syn(uint32_t isn)
{
	return put(UP, TCP_SYN, isn);
}

static enum rig_fate syn_ack(void)
{
	return put(DIR_DOWNSTREAM, TCP_SYN | TCP_ACK, 0);
}

static enum rig_fate ack(void)
{
	return put(UP, TCP_ACK, 1);
}

static enum rig_fate data(void)
{
	return pkt_rig_fate(&rig, pkt_rig_data(&rig, UP, 1, 10));
}

static void open_rig(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "accept_queue_full", param, value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

static void third_segment_and_what_carries_it_never_count(void **state)
{
	(void)state;
	open_rig("accept_queue_full");
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(ack(), RIG_DROPPED);
		assert_int_equal(data(), RIG_DROPPED);
		assert_int_equal(put(UP, TCP_FIN | TCP_ACK, 11), RIG_DROPPED);
		assert_int_equal(syn_ack(), RIG_ACCEPTED);
	}
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_ignored\""));
	pkt_rig_close(&rig);
}

static void syns_resets_and_the_server_pass(void **state)
{
	(void)state;
	open_rig("accept_queue_full");
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(data(), RIG_DROPPED); /* it is the same attempt */
	assert_int_equal(put(DIR_DOWNSTREAM, TCP_RST, 1), RIG_ACCEPTED);
	assert_int_equal(put(UP, TCP_RST, 1), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void room_after_so_many_syn_acks_sent_again(void **state)
{
	(void)state;
	open_rig("accept_queue_full{after_retries=2}");
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(data(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_false(pkt_rig_journalled(&rig, "queue_has_room"));
	assert_int_equal(ack(), RIG_ACCEPTED);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"queue_has_room\""));
	assert_int_equal(data(), RIG_ACCEPTED);
	assert_int_equal(syn(0), RIG_ACCEPTED); /* a late copy: not another attempt */
	assert_int_equal(data(), RIG_ACCEPTED);
	set_param("after_retries", "9"); /* what is connected stays so */
	assert_int_equal(data(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void another_attempt_finds_the_queue_full_again(void **state)
{
	(void)state;
	open_rig("accept_queue_full{after_retries=1}");
	assert_int_equal(syn_ack(),
			 RIG_ACCEPTED); /* the client was silent: one number, one attempt */
	assert_int_equal(syn(400), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void connection_whose_handshake_is_over_is_never_touched(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "accept_queue_full");
	rig.ipv6 = true;
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, UP, 70001, 10)), RIG_ACCEPTED);
	pkt_stage_set_active(rig.conn->first, false);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, UP, 70011, 10)), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void beginning_within_the_handshake_it_still_acts(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "accept_queue_full{after_retries=1}");
	assert_int_equal(impairment_set_text(rig.set, "syn_drop{first=1}", &e), 0);
	assert_int_equal(syn(0), RIG_DROPPED);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void disabled_the_next_segment_makes_the_connection(void **state)
{
	(void)state;
	open_rig("accept_queue_full");
	assert_int_equal(ack(), RIG_DROPPED);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(data(), RIG_ACCEPTED);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(data(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void disabled_without_a_segment_nothing_has_changed(void **state)
{
	(void)state;
	open_rig("accept_queue_full");
	assert_int_equal(ack(), RIG_DROPPED);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(ack(), RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void change_keeps_the_count(void **state)
{
	(void)state;
	open_rig("accept_queue_full");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(syn_ack(), RIG_ACCEPTED);
	set_param("after_retries", "4");
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void both_directions_count_once(void **state)
{
	(void)state;
	open_rig("accept_queue_full{after_retries=1,direction=both}");
	assert_int_equal(ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(ack(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "accept_queue_full");
	pkt_rig_handshake(&rig);
	assert_int_equal(pkt_rig_fate(&rig, 2), RIG_DROPPED);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(third_segment_and_what_carries_it_never_count),
	    cmocka_unit_test(syns_resets_and_the_server_pass),
	    cmocka_unit_test(room_after_so_many_syn_acks_sent_again),
	    cmocka_unit_test(another_attempt_finds_the_queue_full_again),
	    cmocka_unit_test(connection_whose_handshake_is_over_is_never_touched),
	    cmocka_unit_test(beginning_within_the_handshake_it_still_acts),
	    cmocka_unit_test(disabled_the_next_segment_makes_the_connection),
	    cmocka_unit_test(disabled_without_a_segment_nothing_has_changed),
	    cmocka_unit_test(change_keeps_the_count),
	    cmocka_unit_test(both_directions_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
