/* test_imp_vanish.c - what passes of a vanished connection (nothing), and what becomes of it.
 * LAYER: wedge_impairments pkt_rig */
#include "proxy/base/mark.h"
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

/* A connection that is established before its only stage acts. */
static struct pkt_stage *open_rig(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN}); /* vanishes */
	pkt_stage_set_active(rig.conn->first, false);
	pkt_rig_handshake(&rig);
	return rig.conn->first;
}

static bool passes(struct rig_segment s)
{
	unsigned n = pkt_rig_send(&rig, s);

	assert_int_not_equal(pkt_rig_fate(&rig, n), RIG_HELD);
	return pkt_rig_fate(&rig, n) == RIG_ACCEPTED;
}

static bool data_passes(enum dir dir)
{
	return passes((struct rig_segment){.dir = dir, .seq = 1, .ack = 1, .len = 10});
}

static void nothing_passes_in_either_direction(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "vanish{direction=upstream}");
		rig.ipv6 = ipv6;
		for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
			assert_false(passes((struct rig_segment){.dir = dir, .flags = TCP_SYN}));
			assert_false(data_passes(dir));
			assert_false(
			    passes((struct rig_segment){.dir = dir, .flags = FIN, .seq = 1}));
			assert_false(
			    passes((struct rig_segment){.dir = dir, .flags = TCP_RST, .seq = 1}));
		}
		assert_int_equal(pkt_rig_injected(&rig), 0); /* silence */
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"vanished\""));
		pkt_rig_close(&rig);
	}
}

static void it_begins_in_mid_connection(void **state)
{
	struct pkt_stage *st = open_rig("vanish");

	(void)state;
	assert_true(data_passes(UP));
	pkt_stage_set_active(st, true);
	assert_false(data_passes(UP));
	assert_false(data_passes(DOWN));
	pkt_rig_close(&rig);
}

static void resume_lets_the_connection_go_on(void **state)
{
	struct pkt_stage *st = open_rig("vanish");

	(void)state;
	pkt_stage_set_active(st, true);
	assert_false(data_passes(UP));
	pkt_stage_set_active(st, false);
	assert_true(data_passes(UP));
	assert_true(data_passes(DOWN));
	assert_int_equal(pkt_rig_injected(&rig), 0);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"resumed\""));
	assert_true(pkt_rig_journalled(&rig, "\"packets\":1"));
	pkt_rig_close(&rig);
}

static void forget_answers_stale_segments_as_a_closed_port_does(void **state)
{
	struct tcp_view v;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "vanish{then=forget}");
		rig.ipv6 = ipv6;
		pkt_rig_data(&rig, UP, 1, 10);
		pkt_stage_set_active(rig.conn->first, false);
		assert_int_equal(pkt_rig_injected(&rig), 0); /* not before it says something */
		assert_false(
		    passes((struct rig_segment){.dir = UP, .seq = 1, .ack = 51, .len = 9}));
		assert_int_equal(pkt_rig_injected(&rig), 1);
		v = pkt_rig_injection(&rig);
		assert_int_equal(v.flags, TCP_RST);
		assert_int_equal(v.seq, RIG_ISN_SERVER + 51);
		assert_int_equal(v.ack, 0);
		assert_true(addr_equal(&v.src, &rig.conn->server));
		assert_true(addr_equal(&v.dst, &rig.conn->client));
		/* The other end's segments, too; an RST is never answered. */
		assert_false(passes((struct rig_segment){.dir = DOWN, .seq = 51, .ack = 1}));
		v = pkt_rig_injection(&rig);
		assert_int_equal(v.seq, RIG_ISN_CLIENT + 1);
		assert_true(addr_equal(&v.src, &rig.conn->client));
		assert_false(
		    passes((struct rig_segment){.dir = DOWN, .flags = TCP_RST, .seq = 51}));
		assert_int_equal(pkt_rig_injected(&rig), 2);
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"stale_answered\""));
		pkt_rig_close(&rig);
	}
}

static void stale_segment_without_ack_is_answered_by_rst_and_ack(void **state)
{
	struct pkt_stage *st = open_rig("vanish{then=forget}");
	struct tcp_view v;

	(void)state;
	pkt_stage_set_active(st, true);
	pkt_stage_set_active(st, false);
	assert_false(passes(
	    (struct rig_segment){.dir = UP, .flags = TCP_FIN | TCP_PSH, .seq = 1, .len = 5}));
	v = pkt_rig_injection(&rig);
	assert_int_equal(v.flags, TCP_RST | TCP_ACK);
	assert_int_equal(v.seq, 0);
	assert_int_equal(v.ack, RIG_ISN_CLIENT + 7);
	pkt_rig_close(&rig);
}

static void silence_lasts_until_the_last_stage_has_ended(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "vanish{direction=both,then=forget}");
	assert_false(data_passes(UP));
	pkt_stage_set_active(rig.conn->first, false);
	assert_false(data_passes(UP));
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_stage_set_active(rig.conn->first->next, false);
	assert_false(data_passes(UP));
	assert_int_equal(pkt_rig_injected(&rig), 1);
	pkt_rig_close(&rig);
}

/* The session must end, though nothing comes for its sockets any more. */
static void forget_resets_the_own_socket_of_a_leg_too(void **state)
{
	struct pkt_stage *st;
	struct tcp_view v;

	(void)state;
	pkt_rig_open_client_leg(&rig, "vanish{then=forget}");
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	st = rig.conn->first;
	pkt_stage_set_active(st, false);
	pkt_rig_handshake(&rig);
	pkt_rig_ack(&rig, DOWN, 81); /* has got 80 bytes */
	pkt_stage_set_active(st, true);
	pkt_stage_set_active(st, false);
	assert_false(passes((struct rig_segment){.dir = UP, .seq = 81, .ack = 1, .len = 9}));
	assert_int_equal(pkt_rig_injected(&rig), 2);
	v = pkt_rig_injection(&rig);
	assert_int_equal(v.flags, TCP_RST);
	assert_int_equal(v.seq, RIG_ISN_CLIENT + 81);
	assert_true(addr_equal(&v.dst, &rig.conn->server));
	/* What wedge itself says is answered to wedge alone. */
	assert_false(passes((struct rig_segment){.dir = DOWN, .seq = 1, .ack = 81}));
	assert_int_equal(pkt_rig_injected(&rig), 3);
	pkt_rig_close(&rig);
}

static void syn_begins_anew_what_was_forgotten(void **state)
{
	struct pkt_stage *st = open_rig("vanish{then=forget}");

	(void)state;
	pkt_stage_set_active(st, true);
	pkt_stage_set_active(st, false);
	rig.conn = NULL; /* another one on the same 4-tuple */
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN, .seq = 70000});
	assert_non_null(rig.conn);
	pkt_stage_set_active(rig.conn->first, false);
	assert_true(passes((struct rig_segment){.dir = UP, .flags = TCP_SYN, .seq = 70000}));
	pkt_rig_close(&rig);
}

/* Else it would answer the SYN by a challenge ACK (RFC 9293 section 3.10.7.4). */
static void syn_resets_the_own_socket_of_a_silent_leg_first(void **state)
{
	struct pkt_stage *st;
	struct tcp_view v;

	(void)state;
	pkt_rig_open_client_leg(&rig, "vanish{then=forget}");
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	st = rig.conn->first;
	pkt_stage_set_active(st, false);
	pkt_rig_handshake(&rig);
	pkt_rig_ack(&rig, DOWN, 81);
	pkt_stage_set_active(st, true);
	pkt_stage_set_active(st, false);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	rig.conn = NULL;
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN, .seq = 70000});
	assert_int_equal(pkt_rig_injected(&rig), 1);
	v = pkt_rig_injection(&rig);
	assert_int_equal(v.flags, TCP_RST);
	assert_int_equal(v.seq, RIG_ISN_CLIENT + 81);
	assert_non_null(rig.conn);
	pkt_rig_close(&rig);
}

static void same_tuple_stays_vanished(void **state)
{
	struct pkt_stage *st = open_rig("vanish");
	uint64_t session = rig.conn->session;
	struct pkt_stats stats;

	(void)state;
	pkt_stage_set_active(st, true);
	assert_false(passes((struct rig_segment){.dir = UP, .flags = TCP_SYN, .seq = 70000}));
	assert_false(passes((struct rig_segment){.dir = UP, .flags = FIN, .seq = 1}));
	assert_false(passes((struct rig_segment){.dir = DOWN, .flags = FIN, .seq = 1}));
	/* Over for its ends, and yet remembered when a late segment comes. */
	pkt_rig_wait(&rig, 3600 * NS_PER_S);
	assert_false(data_passes(UP));
	pkt_tracker_stats(rig.tracker, &stats);
	assert_int_equal(stats.connections, 1);
	assert_int_equal(rig.conn->session, session);
	pkt_rig_close(&rig);
}

static void with_new_connections_other_syns_vanish_while_one_is_vanished(void **state)
{
	struct rig_segment syn = {.dir = UP, .flags = TCP_SYN};

	(void)state;
	for (int on = 0; on < 2; on++) {
		struct pkt_stage *st = open_rig(on ? "vanish{new_connections=yes}" : "vanish");
		struct pkt_conn *first = rig.conn;

		pkt_stage_set_active(st, true);
		rig.conn = NULL;
		rig.ipv6 = true; /* another 4-tuple */
		pkt_rig_send(&rig, syn);
		pkt_stage_set_active(rig.conn->first, false);
		assert_int_equal(passes(syn), !on);
		assert_true(data_passes(UP)); /* an old connection lives */
		pkt_stage_set_active(first->first, false);
		assert_true(passes(syn));
		assert_int_equal(pkt_rig_journalled(&rig, "\"event\":\"syn_vanished\""), on);
		pkt_rig_close(&rig);
	}
}

/* The kernel answers what comes for a closed socket; that RST has no mark. */
static void what_the_kernel_says_without_a_socket_vanishes_on_a_server_leg(void **state)
{
	struct rig_segment rst = {.dir = UP, .flags = TCP_RST, .seq = 1};
	struct pkt_stats stats;

	(void)state;
	pkt_rig_open_client_leg(&rig, "vanish{leg=server}");
	rig.server_leg_mark = 0;
	assert_true(passes((struct rig_segment){.dir = UP, .flags = TCP_SYN}));
	rig.server_leg_mark = mark_server_leg(1);
	assert_false(passes((struct rig_segment){.dir = UP, .flags = TCP_SYN}));
	rig.socketless = true;
	assert_false(passes(rst));
	pkt_rig_wait(&rig, 3600 * NS_PER_S);
	assert_false(passes(rst));
	rig.ipv6 = true; /* no connection of ours */
	assert_true(passes(rst));
	pkt_tracker_stats(rig.tracker, &stats);
	assert_int_equal(stats.foreign, 1);
	assert_int_equal(stats.connections, 2);
	pkt_rig_close(&rig);
}

static void another_session_may_use_a_vanished_server_leg_tuple(void **state)
{
	struct rig_segment syn = {.dir = UP, .flags = TCP_SYN}, later = syn;
	struct pkt_conn *vanished;

	(void)state;
	later.seq = 70000;
	pkt_rig_open_client_leg(&rig, "vanish{leg=server}");
	pkt_rig_send(&rig, syn);
	rig.server_leg_mark = mark_server_leg(1);
	rig.conn = NULL;
	pkt_rig_send(&rig, syn);
	vanished = rig.conn;
	assert_int_equal(vanished->session, 1);
	rig.server_leg_mark = 0;
	rig.ipv6 = true;
	pkt_rig_send(&rig, syn); /* session 2 */
	rig.ipv6 = false;
	rig.server_leg_mark = mark_server_leg(2);
	rig.conn = NULL;
	pkt_rig_send(&rig, later);
	assert_non_null(rig.conn);
	assert_int_equal(rig.conn->session, 2);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_passes_in_either_direction),
	    cmocka_unit_test(it_begins_in_mid_connection),
	    cmocka_unit_test(resume_lets_the_connection_go_on),
	    cmocka_unit_test(forget_answers_stale_segments_as_a_closed_port_does),
	    cmocka_unit_test(stale_segment_without_ack_is_answered_by_rst_and_ack),
	    cmocka_unit_test(silence_lasts_until_the_last_stage_has_ended),
	    cmocka_unit_test(forget_resets_the_own_socket_of_a_leg_too),
	    cmocka_unit_test(syn_begins_anew_what_was_forgotten),
	    cmocka_unit_test(syn_resets_the_own_socket_of_a_silent_leg_first),
	    cmocka_unit_test(same_tuple_stays_vanished),
	    cmocka_unit_test(with_new_connections_other_syns_vanish_while_one_is_vanished),
	    cmocka_unit_test(what_the_kernel_says_without_a_socket_vanishes_on_a_server_leg),
	    cmocka_unit_test(another_session_may_use_a_vanished_server_leg_tuple),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
