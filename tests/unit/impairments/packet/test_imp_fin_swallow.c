/* test_imp_fin_swallow.c - what becomes of a FIN that never arrives, and of what comes with it.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM
#define FIN  (TCP_FIN | TCP_ACK)

static struct pkt_rig rig;

static unsigned put(enum dir dir, uint8_t flags, uint32_t len)
{
	return pkt_rig_send(
	    &rig, (struct rig_segment){.dir = dir, .flags = flags, .seq = 1, .ack = 1, .len = len});
}

static bool passes(enum dir dir, uint8_t flags, uint32_t len)
{
	unsigned n = put(dir, flags, len);

	assert_int_not_equal(pkt_rig_fate(&rig, n), RIG_HELD);
	return pkt_rig_fate(&rig, n) == RIG_ACCEPTED;
}

static void bare_fin_is_lost_each_time(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "fin_swallow");
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		assert_false(passes(DOWN, FIN, 0));
		assert_false(passes(DOWN, FIN, 0));
		assert_true(passes(UP, FIN, 0)); /* the other end's */
		assert_true(passes(DOWN, TCP_ACK, 0));
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"fin_swallowed\""));
		pkt_rig_close(&rig);
	}
}

static void fin_with_data_arrives_as_data(void **state)
{
	struct tcp_view v;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "fin_swallow{direction=upstream}");
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		v = pkt_rig_arrived(&rig, put(UP, FIN | TCP_PSH, 33));
		assert_int_equal(v.flags, TCP_ACK | TCP_PSH);
		assert_int_equal(v.payload_len, 33);
		assert_int_equal(v.payload[32], 33);
		pkt_rig_close(&rig);
	}
}

static void rst_passes_unless_asked_for(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "fin_swallow");
	assert_true(passes(DOWN, TCP_RST, 0)); /* midstream */
	assert_true(passes(DOWN, TCP_RST | TCP_ACK, 0));
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "fin_swallow{rst=yes}");
	assert_false(passes(DOWN, TCP_RST, 0));
	assert_false(passes(DOWN, TCP_RST | TCP_ACK, 0));
	assert_true(passes(UP, TCP_RST, 0));
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"rst_swallowed\""));
	pkt_rig_close(&rig);
}

static void both_directions_at_once(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "fin_swallow{direction=both}");
	pkt_rig_handshake(&rig);
	assert_false(passes(UP, FIN, 0));
	assert_false(passes(DOWN, FIN, 0));
	pkt_rig_close(&rig);
}

static void what_follows_doesnt_count_the_fin(void **state)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_RST | TCP_ACK};

	(void)state;
	for (size_t i = 0; i < sizeof(flags); i++) {
		struct tcp_view v;
		unsigned n;

		pkt_rig_open(&rig, "fin_swallow");
		pkt_rig_handshake(&rig);
		assert_false(passes(DOWN, FIN, 0));
		n = pkt_rig_send(
		    &rig, (struct rig_segment){.dir = DOWN, .flags = flags[i], .seq = 2, .ack = 1});
		v = pkt_rig_arrived(&rig, n);
		assert_int_equal(v.seq, RIG_ISN_SERVER + 1);
		n = put(UP, TCP_ACK, 0);
		assert_false(pkt_rig_modified(&rig, n));
		pkt_rig_close(&rig);
	}
}

static void fin_sent_again_after_the_end_arrives(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "fin_swallow");
	pkt_rig_handshake(&rig);
	assert_false(passes(DOWN, FIN, 0));
	pkt_stage_set_active(rig.conn->first, false);
	assert_true(passes(DOWN, FIN, 0));
	pkt_rig_close(&rig);
}

static void change_acts_from_the_next_packet_on(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "fin_swallow");
	assert_true(passes(DOWN, TCP_RST, 0));
	assert_int_equal(impairment_set_param(rig.set, "fin_swallow", "rst", "yes", &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
	assert_false(passes(DOWN, TCP_RST, 0));
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bare_fin_is_lost_each_time),
	    cmocka_unit_test(fin_with_data_arrives_as_data),
	    cmocka_unit_test(rst_passes_unless_asked_for),
	    cmocka_unit_test(both_directions_at_once),
	    cmocka_unit_test(what_follows_doesnt_count_the_fin),
	    cmocka_unit_test(fin_sent_again_after_the_end_arrives),
	    cmocka_unit_test(change_acts_from_the_next_packet_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
