/* test_imp_duplicate.c - which segments arrive more than once, and as what.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM

static struct pkt_rig rig;

static unsigned injected(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < rig.nevents; i++)
		n += rig.events[i].injected;
	return n;
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "duplicate", param, value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

static void arrives_so_many_times_in_all_the_same_to_the_byte(int ipv6)
{
	const struct rig_event *ev;
	struct tcp_view v;
	unsigned n;

	pkt_rig_open(&rig, "duplicate{share=100%,copies=4}");
	rig.ipv6 = ipv6;
	pkt_rig_handshake(&rig);
	n = pkt_rig_data(&rig, DOWN, 1, 100);
	assert_int_equal(pkt_rig_fate(&rig, n), RIG_ACCEPTED);
	assert_false(pkt_rig_event(&rig, n)->modified);
	assert_int_equal(injected(), 3);
	for (size_t i = rig.nevents - 4; i < rig.nevents - 1; i++) {
		ev = &rig.events[i];
		assert_int_equal(ev->at, rig.clock.t);
		assert_true(tcp_view_parse(&v, ev->data, ev->len));
		assert_true(checksum_tcp_ok(&v));
		assert_int_equal(ev->len, v.ip_len);
		assert_int_equal(v.seq, RIG_ISN_SERVER + 1);
		assert_int_equal(v.payload_len, 100);
		assert_memory_equal(ev->data, rig.events[rig.nevents - 4].data, ev->len);
	}
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_duplicated\""));
	assert_true(pkt_rig_journalled(&rig, "\"copies\":4"));
	pkt_rig_close(&rig);
}

static void chosen_segments_arrive_so_many_times(void **state)
{
	(void)state;
	arrives_so_many_times_in_all_the_same_to_the_byte(0);
	arrives_so_many_times_in_all_the_same_to_the_byte(1);
}

static void only_data_of_its_direction(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "duplicate{share=100%}");
	pkt_rig_handshake(&rig);
	pkt_rig_ack(&rig, DOWN, 1);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 100);
	assert_int_equal(injected(), 0);
	pkt_rig_data(&rig, DOWN, 1, 100);
	assert_int_equal(injected(), 1);
	pkt_rig_close(&rig);
}

static void all_is_every_packet_that_travels_that_way(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "duplicate{share=100%,what=all}");
	pkt_rig_handshake(&rig);
	assert_int_equal(injected(), 1); /* the SYN-ACK */
	pkt_rig_ack(&rig, DOWN, 1);
	assert_int_equal(injected(), 2);
	pkt_rig_close(&rig);
}

/* 99.9 % of all binomial samples of 4,000 at 20 % lie within 717 to 884. */
static void share_is_kept_and_repeatable(void **state)
{
	unsigned total = 0, again;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		for (unsigned twice = 0; twice < 2; twice++) {
			pkt_rig_open(&rig, "duplicate{share=20%}");
			rig.env.seed = seed;
			for (uint32_t i = 0; i < 200; i++)
				pkt_rig_data(&rig, DOWN, 1 + i, 1);
			if (twice)
				assert_int_equal(injected(), again);
			again = injected();
			total += twice ? 0 : again;
			pkt_rig_close(&rig);
		}
	}
	assert_in_range(total, 717, 884);
}

static void copies_pass_no_other_impairment(void **state)
{
	struct err e;
	unsigned n;

	(void)state;
	pkt_rig_open(&rig, "duplicate{share=100%}");
	assert_int_equal(impairment_set_text(rig.set, "loss{rate=100%}", &e), 0);
	n = pkt_rig_data(&rig, DOWN, 1, 100);
	assert_int_equal(pkt_rig_fate(&rig, n), RIG_DROPPED);
	assert_int_equal(injected(), 1);
	pkt_rig_close(&rig);
}

static void change_and_disabling_act_from_the_next_packet(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "duplicate{share=100%}");
	pkt_rig_data(&rig, DOWN, 70001, 100); /* found midstream */
	assert_int_equal(injected(), 1);
	set_param("copies", "3");
	pkt_rig_data(&rig, DOWN, 70101, 100);
	assert_int_equal(injected(), 3);
	pkt_stage_set_active(rig.conn->first, false);
	pkt_rig_data(&rig, DOWN, 70201, 100);
	assert_int_equal(injected(), 3);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chosen_segments_arrive_so_many_times),
	    cmocka_unit_test(only_data_of_its_direction),
	    cmocka_unit_test(all_is_every_packet_that_travels_that_way),
	    cmocka_unit_test(share_is_kept_and_repeatable),
	    cmocka_unit_test(copies_pass_no_other_impairment),
	    cmocka_unit_test(change_and_disabling_act_from_the_next_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
