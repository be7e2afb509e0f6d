/* test_imp_mtu_blackhole.c - which packets are too large to arrive.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static struct pkt_rig rig;

static bool passes(enum dir dir, uint32_t len)
{
	unsigned n = pkt_rig_data(&rig, dir, 1, len);

	assert_int_not_equal(pkt_rig_fate(&rig, n), RIG_HELD);
	return pkt_rig_fate(&rig, n) == RIG_ACCEPTED;
}

static void packets_above_the_size_are_lost_to_the_byte(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		uint32_t headers = ipv6 ? 60 : 40;

		pkt_rig_open(&rig, "mtu_blackhole{mtu=1400B}");
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		assert_true(passes(DOWN, 1400 - headers));
		assert_false(passes(DOWN, 1401 - headers));
		assert_false(passes(DOWN, 1401 - headers));  /* as often as it is sent */
		assert_int_equal(pkt_rig_injected(&rig), 0); /* no ICMP */
		assert_true(pkt_rig_journalled(&rig, "\"packet\":1401"));
		pkt_rig_close(&rig);
	}
}

static void the_other_direction_passes(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "mtu_blackhole{mtu=600B}");
	pkt_rig_handshake(&rig);
	assert_true(passes(UP, 1460));
	assert_false(passes(DOWN, 1460));
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "mtu_blackhole{mtu=600B,direction=upstream}");
	assert_false(passes(UP, 1460)); /* midstream */
	assert_true(passes(DOWN, 1460));
	pkt_rig_close(&rig);
}

static void handshake_passes_the_smallest_mtu(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "mtu_blackhole{mtu=68B,direction=both}");
	pkt_rig_handshake(&rig);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pkt_rig_fate(&rig, i), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void change_acts_from_the_next_packet_on(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "mtu_blackhole{mtu=600B}");
	pkt_rig_handshake(&rig);
	assert_false(passes(DOWN, 1000));
	assert_int_equal(impairment_set_param(rig.set, "mtu_blackhole", "mtu", "1400B", &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
	assert_true(passes(DOWN, 1000));
	pkt_stage_set_active(rig.conn->first, false);
	assert_true(passes(DOWN, 1460));
	pkt_rig_close(&rig);
}

static void silly_sizes_are_refused(void **state)
{
	static const char *const silly[] = {"mtu_blackhole{mtu=0B}", "mtu_blackhole{mtu=67B}",
					    "mtu_blackhole{mtu=65536B}", "mtu_blackhole{mtu=-1B}"};

	(void)state;
	for (size_t i = 0; i < sizeof(silly) / sizeof(*silly); i++) {
		struct impairment_set *set = impairment_set_new();
		struct err e;

		assert_int_equal(impairment_set_text(set, silly[i], &e), -1);
		assert_non_null(strstr(e.text, "mtu"));
		impairment_set_free(set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(packets_above_the_size_are_lost_to_the_byte),
	    cmocka_unit_test(the_other_direction_passes),
	    cmocka_unit_test(handshake_passes_the_smallest_mtu),
	    cmocka_unit_test(change_acts_from_the_next_packet_on),
	    cmocka_unit_test(silly_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
