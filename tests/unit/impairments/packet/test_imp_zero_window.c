/* test_imp_zero_window.c - which windows are closed, and how the true one is told at the end.
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

/* Data travels downstream; its receiver is the client. */
static unsigned from_receiver(struct rig_segment s)
{
	s.dir = UP;
	return pkt_rig_send(&rig, s);
}

static void every_window_of_the_receiver_is_0(void **state)
{
	struct rig_segment segments[] = {
	    {.flags = TCP_SYN, .wscale = 7},			 /* in its SYN, too */
	    {.seq = 1, .ack = 1},				 /* ACK */
	    {.seq = 1, .ack = 1, .window = 2000},		 /* window update */
	    {.seq = 1, .ack = 1, .len = 50, .timestamps = true}, /* data */
	    {.flags = TCP_FIN | TCP_ACK, .seq = 51, .ack = 1},
	};

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "zero_window");
		rig.ipv6 = ipv6;
		for (size_t i = 0; i < sizeof(segments) / sizeof(*segments); i++) {
			struct tcp_view v = pkt_rig_arrived(&rig, from_receiver(segments[i]));

			assert_int_equal(v.window, 0);
			assert_int_equal(v.payload_len, segments[i].len);
		}
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"window_closed\""));
		pkt_rig_close(&rig);
	}
}

static void the_sender_is_not_touched(void **state)
{
	unsigned n;

	(void)state;
	pkt_rig_open(&rig, "zero_window");
	n = pkt_rig_data(&rig, DOWN, 1, 100); /* in flight: it arrives */
	assert_false(pkt_rig_event(&rig, n)->modified);
	n = from_receiver((struct rig_segment){.flags = TCP_RST, .seq = 1});
	assert_false(pkt_rig_event(&rig, n)->modified);
	pkt_rig_close(&rig);
}

static void true_window_is_announced_when_it_ends(void **state)
{
	struct tcp_view v;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "zero_window");
		rig.ipv6 = ipv6;
		from_receiver((struct rig_segment){
		    .seq = 1, .ack = 101, .len = 50, .window = 2000, .timestamps = true});
		from_receiver((struct rig_segment){
		    .seq = 1, .ack = 51, .window = 1999, .timestamps = true}); /* late */
		pkt_stage_set_active(rig.conn->first, false);
		assert_int_equal(pkt_rig_injected(&rig), 1);
		v = pkt_rig_injection(&rig);
		assert_true(tcp_is_pure_ack(&v));
		assert_int_equal(v.seq, RIG_ISN_CLIENT + 51);
		assert_int_equal(v.ack, RIG_ISN_SERVER + 101);
		assert_int_equal(v.window, 1999);
		assert_true(v.has_timestamp && v.tsval == 1 && v.tsecr == 1);
		assert_true(addr_equal(&v.src, &rig.conn->client));
		assert_true(addr_equal(&v.dst, &rig.conn->server));
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"window_opened\""));
		pkt_rig_close(&rig);
	}
}

/* That of a SYN counts bytes; in any other segment the same window is shifted. */
static void window_of_a_syn_is_announced_shifted(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "zero_window{direction=upstream}");
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN, .wscale = 2});
	pkt_rig_send(
	    &rig,
	    (struct rig_segment){
		.dir = DOWN, .flags = TCP_SYN | TCP_ACK, .ack = 1, .wscale = 3, .window = 64000});
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injection(&rig).window, 8000);
	assert_int_equal(pkt_rig_injection(&rig).seq, RIG_ISN_SERVER + 1);
	pkt_rig_close(&rig);
}

/* A SYN acknowledges nothing: its number 0 isn't one to go on from. */
static void what_a_syn_has_not_acknowledged_is_not_announced(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "zero_window");
	from_receiver((struct rig_segment){.flags = TCP_SYN, .window = 64000});
	from_receiver((struct rig_segment){.seq = 1, .ack = 1, .window = 2000});
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injection(&rig).ack, RIG_ISN_SERVER + 1);
	pkt_rig_close(&rig);
}

static void nothing_is_announced_where_it_could_not_matter(void **state)
{
	struct rig_segment fin = {.flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1};

	(void)state;
	pkt_rig_open(&rig, "zero_window"); /* nothing was rewritten */
	pkt_rig_data(&rig, DOWN, 1, 100);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "zero_window"); /* no answer to the SYN yet */
	from_receiver((struct rig_segment){.flags = TCP_SYN});
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "zero_window"); /* closed in order */
	from_receiver(fin);
	fin.dir = DOWN;
	pkt_rig_send(&rig, fin);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "zero_window"); /* reset */
	pkt_rig_ack(&rig, UP, 1);
	pkt_rig_send(&rig, (struct rig_segment){.dir = DOWN, .flags = TCP_RST, .seq = 1});
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
}

static void nothing_is_announced_through_a_vanished_connection(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "zero_window");
	assert_int_equal(impairment_set_text(rig.set, "vanish", &e), 0);
	pkt_rig_ack(&rig, UP, 1);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_close(&rig);
}

static void it_begins_anew_after_its_end(void **state)
{
	struct pkt_stage *st;

	(void)state;
	pkt_rig_open_client_leg(&rig, "zero_window{direction=both}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 100);
	st = rig.conn->first;
	pkt_stage_set_active(st, false);
	pkt_stage_set_active(st->next, false);
	assert_int_equal(pkt_rig_injected(&rig), 2);
	assert_false(pkt_rig_event(&rig, pkt_rig_ack(&rig, UP, 101))->modified);
	pkt_stage_set_active(st, true);
	pkt_stage_set_active(st, false); /* and nothing has come */
	assert_int_equal(pkt_rig_injected(&rig), 2);
	pkt_stage_set_active(st, true);
	pkt_rig_data(&rig, UP, 1, 10);
	pkt_rig_data(&rig, DOWN, 101, 10);
	pkt_stage_set_active(st, false);
	assert_int_equal(pkt_rig_injected(&rig), 3);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_window_of_the_receiver_is_0),
	    cmocka_unit_test(the_sender_is_not_touched),
	    cmocka_unit_test(true_window_is_announced_when_it_ends),
	    cmocka_unit_test(window_of_a_syn_is_announced_shifted),
	    cmocka_unit_test(what_a_syn_has_not_acknowledged_is_not_announced),
	    cmocka_unit_test(nothing_is_announced_where_it_could_not_matter),
	    cmocka_unit_test(nothing_is_announced_through_a_vanished_connection),
	    cmocka_unit_test(it_begins_anew_after_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
