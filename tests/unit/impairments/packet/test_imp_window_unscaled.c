/* test_imp_window_unscaled.c - what a sender sees of a window whose scale it is made to forget.
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

static void handshake(int client_scale, int server_scale)
{
	pkt_rig_send(&rig,
		     (struct rig_segment){
			 .dir = UP, .flags = TCP_SYN, .wscale = client_scale, .window = 64240});
	pkt_rig_send(&rig, (struct rig_segment){.dir = DOWN,
						.flags = TCP_SYN | TCP_ACK,
						.ack = 1,
						.wscale = server_scale,
						.window = 65160});
}

static unsigned window_of(enum dir dir, uint16_t window)
{
	return pkt_rig_send(&rig,
			    (struct rig_segment){.dir = dir, .seq = 1, .ack = 1, .window = window});
}

/* As the sender computes it, who knows that scale. */
static uint32_t seen_window(uint16_t window, int scale)
{
	const struct rig_event *ev = pkt_rig_event(&rig, window_of(UP, window));

	return (uint32_t)(ev->modified ? pkt_rig_arrived(&rig, ev->packet).window : window)
	       << scale;
}

static void sender_sees_the_field_as_bytes(void **state)
{
	static const uint16_t fields[] = {1, 64, 127, 502, 8192, 65535};

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++)
		for (int scale = 1; scale <= 14; scale++) {
			pkt_rig_open(&rig, "window_unscaled");
			rig.ipv6 = ipv6;
			handshake(scale, 9);
			assert_int_equal(pkt_rig_arrived(&rig, 0).wscale, 0);
			assert_false(pkt_rig_event(&rig, 1)->modified);
			for (size_t i = 0; i < ARRAY_LEN(fields); i++)
				assert_int_equal(seen_window(fields[i], 0), fields[i]);
			assert_true(pkt_rig_journalled(&rig, "\"by\":\"option\""));
			pkt_rig_close(&rig);
		}
}

static void each_syn_is_rewritten_and_nothing_else_of_it(void **state)
{
	struct tcp_view v;

	(void)state;
	pkt_rig_open(&rig, "window_unscaled");
	handshake(7, 9);
	handshake(7, 9); /* sent again */
	v = pkt_rig_arrived(&rig, 2);
	assert_int_equal(v.wscale, 0);
	assert_int_equal(v.window, 64240);
	assert_int_equal(v.mss, RIG_MSS);
	assert_int_equal(v.seq, RIG_ISN_CLIENT);
	assert_false(pkt_rig_event(&rig, window_of(DOWN, 502))->modified);
	pkt_rig_close(&rig);
}

/* The sender has heard the true scale: it shifts to the left what it gets. */
static void a_window_that_begins_late_is_as_near_as_can_be_said(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "window_unscaled{after=1ms}");
	handshake(7, 9);
	assert_false(pkt_rig_event(&rig, 0)->modified);
	pkt_rig_wait(&rig, 2 * NS_PER_MS);
	assert_int_equal(seen_window(8192, 7), 8192);
	assert_int_equal(seen_window(502, 7), 384); /* never more than the field */
	assert_int_equal(seen_window(65535, 7), 65408);
	assert_int_equal(seen_window(127, 7), 128); /* but never closed */
	assert_int_equal(seen_window(1, 7), 128);
	assert_true(pkt_rig_journalled(&rig, "\"by\":\"field\""));
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injection(&rig).window, 1);
	assert_int_equal(seen_window(502, 7), 502 << 7);
	pkt_rig_close(&rig);
}

static void flows_without_scaling_are_fast(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "window_unscaled");
	handshake(0, 9); /* the client offers none */
	assert_false(pkt_rig_event(&rig, 0)->modified);
	assert_false(pkt_rig_event(&rig, window_of(UP, 502))->modified);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "window_unscaled");
	handshake(7, 0); /* the server has none: nobody scales */
	assert_false(pkt_rig_event(&rig, window_of(UP, 502))->modified);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "window_unscaled"); /* midstream: who knows */
	assert_false(pkt_rig_event(&rig, window_of(UP, 502))->modified);
	pkt_rig_close(&rig);
}

static void the_server_can_be_the_receiver(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "window_unscaled{direction=upstream,leg=client}");
	handshake(7, 9);
	assert_false(pkt_rig_event(&rig, 0)->modified);
	assert_int_equal(pkt_rig_arrived(&rig, 1).wscale, 0);
	assert_false(pkt_rig_event(&rig, window_of(DOWN, 1024))->modified);
	assert_false(pkt_rig_event(&rig, window_of(UP, 1024))->modified);
	pkt_rig_close(&rig);
}

static void it_acts_where_wedge_sends(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "window_unscaled{direction=upstream}");
	handshake(7, 9);
	assert_false(pkt_rig_event(&rig, 1)->modified);
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "window_unscaled{direction=downstream}");
	handshake(7, 9);
	assert_true(pkt_rig_event(&rig, 0)->modified);
	pkt_rig_close(&rig);
}

static void true_window_is_announced_when_it_ends(void **state)
{
	struct tcp_view v;

	(void)state;
	pkt_rig_open(&rig, "window_unscaled");
	handshake(7, 9);
	window_of(UP, 100);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	v = pkt_rig_injection(&rig);
	assert_true(tcp_is_pure_ack(&v));
	assert_int_equal(v.window, 100 << 7); /* the sender shifts by 0 */
	assert_int_equal(v.ack, RIG_ISN_SERVER + 1);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"window_scaled\""));
	assert_int_equal(seen_window(100, 0), 100 << 7);
	assert_int_equal(seen_window(1000, 0), 65535); /* no more can be said */
	pkt_rig_close(&rig);
}

static void a_connection_after_it_keeps_its_scale(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "window_unscaled");
	handshake(7, 9);
	pkt_stage_set_active(rig.conn->first, false);
	handshake(7, 9); /* the SYN once more */
	assert_false(pkt_rig_event(&rig, 2)->modified);
	assert_false(pkt_rig_event(&rig, window_of(UP, 502))->modified);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sender_sees_the_field_as_bytes),
	    cmocka_unit_test(each_syn_is_rewritten_and_nothing_else_of_it),
	    cmocka_unit_test(a_window_that_begins_late_is_as_near_as_can_be_said),
	    cmocka_unit_test(flows_without_scaling_are_fast),
	    cmocka_unit_test(the_server_can_be_the_receiver),
	    cmocka_unit_test(it_acts_where_wedge_sends),
	    cmocka_unit_test(true_window_is_announced_when_it_ends),
	    cmocka_unit_test(a_connection_after_it_keeps_its_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
