/* test_pkt_tracker.c - the packet plane finds connections, numbers them and gives every packet one
 * verdict. LAYER: wedge_impairments pkt_rig */
#include "proxy/base/mark.h"
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct pkt_rig rig;

static struct pkt_stats stats(void)
{
	struct pkt_stats s;

	pkt_tracker_stats(rig.tracker, &s);
	return s;
}

/* A stage for these tests: holds what its configuration's mask names, by order of arrival. */
struct holder {
	struct pkt *first, **end;
	unsigned seen;
};

struct holder_cfg {
	unsigned hold, drop, change; /* bits by order of arrival */
};

static void holder_open(struct pkt_stage *st)
{
	struct holder *h = pkt_stage_state(st);

	h->first = NULL;
	h->end = &h->first;
}

static enum pkt_action holder_packet(struct pkt_stage *st, struct pkt *p)
{
	struct holder *h = pkt_stage_state(st);
	const struct holder_cfg *cfg = st->cfg;
	unsigned bit = 1u << h->seen++;

	if (cfg->change & bit) {
		p->data[p->len - 1] ^= 0xff;
		pkt_modified(p);
	}
	if (cfg->drop & bit)
		return PKT_DROP;
	if (!(cfg->hold & bit))
		return PKT_PASS;
	*h->end = p;
	h->end = &p->next;
	return PKT_HELD;
}

static void holder_drain(struct pkt_stage *st)
{
	struct holder *h = pkt_stage_state(st);

	while (h->first) {
		struct pkt *p = h->first;

		h->first = p->next;
		pkt_release(st, p);
	}
	holder_open(st);
}

static const struct pkt_ops holder_ops = {
    .state_size = sizeof(struct holder),
    .open = holder_open,
    .packet = holder_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = holder_drain,
    .close = pkt_default_close,
};

static struct pkt_stage *attach(const struct holder_cfg *cfg)
{
	struct pkt_stage *st =
	    pkt_stage_attach(rig.conn, &holder_ops, cfg, DIR_DOWNSTREAM, "holder", 0);

	pkt_stage_set_active(st, true);
	return st;
}

static void connection_without_stages_passes_untouched(void **state)
{
	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 500);
	assert_int_equal(rig.nevents, 4);
	assert_int_equal(stats().accepted, 4);
	assert_int_equal(stats().modified, 0);
	assert_int_equal(stats().connections, 1);
	pkt_rig_close(&rig);
}

static void what_each_side_has_sent_is_known(void **state)
{
	const struct pkt_half *up, *down;

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_send(&rig, (struct rig_segment){.flags = TCP_SYN, .wscale = 7});
	pkt_rig_send(&rig, (struct rig_segment){
			       .dir = DIR_DOWNSTREAM, .flags = TCP_SYN | TCP_ACK, .ack = 1});
	pkt_rig_ack(&rig, DIR_UPSTREAM, 1);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 500);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 500);
	pkt_rig_ack(&rig, DIR_DOWNSTREAM, 501);
	up = &rig.conn->half[DIR_UPSTREAM];
	down = &rig.conn->half[DIR_DOWNSTREAM];
	assert_int_equal(up->isn, RIG_ISN_CLIENT);
	assert_int_equal(up->next, RIG_ISN_CLIENT + 501);
	assert_int_equal(up->bytes, 1000); /* retransmissions included */
	assert_int_equal(up->wscale, 7);
	assert_int_equal(down->wscale, -1);
	assert_int_equal(down->mss, RIG_MSS);
	assert_int_equal(down->ack, RIG_ISN_CLIENT + 501);
	assert_int_equal(rig.conn->session, 1);
	pkt_rig_close(&rig);
}

static void held_packets_are_released_when_the_plane_goes(void **state)
{
	struct holder_cfg cfg = {.hold = ~0u};
	unsigned a, b;

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	attach(&cfg);
	a = pkt_rig_data(&rig, DIR_UPSTREAM, 1, 10);
	b = pkt_rig_data(&rig, DIR_UPSTREAM, 11, 10);
	assert_int_equal(stats().held_now, 2);
	assert_int_equal(stats().held_total, 2);
	pkt_rig_close(&rig); /* asserts that no packet is left without a verdict */
	assert_int_equal(pkt_rig_fate(&rig, a), RIG_ACCEPTED);
	assert_true(pkt_rig_event(&rig, a) < pkt_rig_event(&rig, b));
}

static void released_packet_meets_the_stages_after_its_holder_only(void **state)
{
	struct holder_cfg first = {.hold = 1}, second = {.drop = 1};
	struct pkt_stage *holder;
	unsigned a;

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	holder = attach(&first);
	attach(&second);
	a = pkt_rig_data(&rig, DIR_UPSTREAM, 1, 10);
	assert_int_equal(pkt_rig_fate(&rig, a), RIG_HELD);
	pkt_stage_set_active(holder, false);
	assert_int_equal(pkt_rig_fate(&rig, a), RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void detached_stage_leaves_the_others(void **state)
{
	struct holder_cfg first = {.hold = 1}, second = {.drop = 2};
	struct pkt_stage *gone;
	unsigned a, b;

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	gone = attach(&first);
	attach(&second);
	a = pkt_rig_data(&rig, DIR_UPSTREAM, 1, 10);
	pkt_stage_detach(gone);
	b = pkt_rig_data(&rig, DIR_UPSTREAM, 11, 10);
	assert_int_equal(pkt_rig_fate(&rig, a), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, b), RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void changed_packet_leaves_with_right_checksums(void **state)
{
	struct holder_cfg cfg = {.change = 1};
	const struct rig_event *ev;
	struct tcp_view v;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, NULL);
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		attach(&cfg);
		ev = pkt_rig_event(&rig, pkt_rig_data(&rig, DIR_UPSTREAM, 1, 11));
		assert_true(ev->modified);
		assert_true(tcp_view_parse(&v, ev->data, ev->len));
		assert_true(checksum_tcp_ok(&v));
		assert_int_equal(v.payload[10], 11 ^ 0xff);
		assert_int_equal(stats().modified, 1);
		pkt_rig_close(&rig);
	}
}

static void injected_packet_passes_no_stage(void **state)
{
	static const uint8_t data[] = {1, 2, 3};
	struct holder_cfg cfg = {.drop = ~0u};

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	attach(&cfg);
	pkt_inject(rig.conn, data, sizeof(data));
	assert_true(rig.events[rig.nevents - 1].injected);
	assert_int_equal(stats().injected, 1);
	pkt_rig_close(&rig);
}

static void syn_sent_again_keeps_the_number(void **state)
{
	(void)state;
	pkt_rig_open(&rig, NULL);
	for (int i = 0; i < 3; i++)
		pkt_rig_send(&rig, (struct rig_segment){.flags = TCP_SYN});
	/* the application's own retry: the same ports, another initial sequence number */
	pkt_rig_send(&rig, (struct rig_segment){.flags = TCP_SYN, .seq = 77777});
	assert_int_equal(stats().connections, 1);
	assert_int_equal(rig.conn->half[DIR_UPSTREAM].isn, RIG_ISN_CLIENT + 77777);
	pkt_rig_close(&rig);
}

static void new_connection_on_old_ports_gets_a_new_number(void **state)
{
	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	pkt_rig_send(&rig, (struct rig_segment){.flags = TCP_RST, .seq = 1});
	rig.conn = NULL;
	pkt_rig_send(&rig, (struct rig_segment){.flags = TCP_SYN, .seq = 99999});
	assert_int_equal(rig.conn->session, 2);
	pkt_rig_close(&rig);
}

static void ended_connection_is_forgotten_after_its_linger(void **state)
{
	struct rig_segment fin = {.flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1};

	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	pkt_rig_send(&rig, fin);
	fin.dir = DIR_DOWNSTREAM;
	fin.ack = 2;
	pkt_rig_send(&rig, fin);
	pkt_rig_wait(&rig, 59 * NS_PER_S);
	pkt_rig_ack(&rig, DIR_UPSTREAM, 2); /* late, but still of the same connection */
	assert_int_equal(stats().connections, 1);
	pkt_rig_wait(&rig, 61 * NS_PER_S);
	pkt_rig_ack(&rig, DIR_UPSTREAM, 2);
	assert_int_equal(stats().connections, 2);
	pkt_rig_close(&rig);
}

static void silent_connection_is_kept_for_hours(void **state)
{
	(void)state;
	pkt_rig_open(&rig, NULL);
	pkt_rig_handshake(&rig);
	pkt_rig_wait(&rig, 3 * 3600 * NS_PER_S); /* keepalive begins after two */
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 1);
	assert_int_equal(stats().connections, 1);
	pkt_rig_wait(&rig, 5 * 3600 * NS_PER_S);
	pkt_rig_data(&rig, DIR_UPSTREAM, 2, 1);
	assert_int_equal(stats().connections, 2);
	pkt_rig_close(&rig);
}

static void unknown_packets_are_accepted_and_counted(void **state)
{
	static const uint8_t junk[] = {0x45, 0, 0, 20};

	(void)state;
	pkt_rig_open(&rig, "delayed_ack");
	pkt_tracker_packet(rig.tracker, rig.packets++, PKT_HOOK_FORWARD, 0, 0, junk, sizeof(junk));
	pkt_tracker_packet(rig.tracker, rig.packets++, PKT_HOOK_FORWARD, 0, 0, NULL, 0);
	assert_int_equal(stats().unparsed, 2);
	rig.forwarded = false; /* caught at another hook: nobody's */
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 1);
	assert_int_equal(stats().foreign, 1);
	assert_int_equal(stats().accepted, 3);
	pkt_rig_close(&rig);
}

static void legs_of_a_session_share_its_number(void **state)
{
	struct addr client, local;
	struct err e;

	(void)state;
	pkt_rig_open_client_leg(&rig, NULL);
	pkt_rig_handshake(&rig);
	assert_int_equal(addr_parse("192.0.2.1:40000", &client, &e), 0);
	assert_int_equal(addr_parse("[::ffff:198.51.100.3]:80", &local, &e), 0);
	assert_int_equal(pkt_tracker_session_number(rig.tracker, &client, &local, &(void *){NULL}),
			 1);
	assert_int_equal(rig.conn->leg, LEG_CLIENT);
	rig.conn = NULL;
	rig.server_leg_mark = mark_server_leg(1);
	pkt_rig_handshake(&rig);
	assert_non_null(rig.conn);
	assert_int_equal(rig.conn->session, 1);
	assert_int_equal(rig.conn->leg, LEG_SERVER);
	assert_int_equal(stats().connections, 2);
	pkt_rig_close(&rig);
}

static void session_accepted_unseen_gets_the_next_number(void **state)
{
	struct addr client, local;
	struct err e;

	(void)state;
	pkt_rig_open_client_leg(&rig, NULL);
	assert_int_equal(addr_parse("192.0.2.1:40000", &client, &e), 0);
	assert_int_equal(addr_parse("198.51.100.3:80", &local, &e), 0);
	assert_int_equal(pkt_tracker_session_number(rig.tracker, &client, &local, &(void *){NULL}),
			 1);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 1);
	assert_int_equal(rig.conn->session, 1);
	assert_int_equal(stats().connections, 1);
	pkt_rig_close(&rig);
}

static void mark_of_no_session_is_foreign(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "delayed_ack");
	rig.server_leg_mark = mark_server_leg(5);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 1);
	assert_int_equal(stats().foreign, 1);
	pkt_rig_close(&rig);
}

/* Every port of every address: wedge's own end of a server leg is one of them. */
static void open_transparent(void)
{
	struct pkt_select every = {
	    .match = {.transparent = true, .intercept = {.interface = "eth1"}}};

	pkt_rig_open_client_leg(&rig, NULL);
	pkt_tracker_select(rig.tracker, &every, 1);
}

static void transparent_selection_of_everything_tells_the_legs_apart(void **state)
{
	(void)state;
	open_transparent();
	pkt_rig_handshake(&rig);
	assert_int_equal(stats().connections, 1);
	rig.server_leg_mark = mark_server_leg(1);
	pkt_rig_handshake(&rig);
	assert_int_equal(stats().connections, 2);
	pkt_rig_data(&rig, DIR_DOWNSTREAM, 1, 100);
	rig.socketless = true; /* an RST that no socket sends, from the address of the server leg */
	pkt_rig_send(&rig, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_RST, .seq = 1});
	assert_int_equal(stats().connections, 2);
	assert_int_equal(stats().foreign, 0);
	pkt_rig_close(&rig);
}

static void transparent_client_leg_begins_with_a_syn_only(void **state)
{
	(void)state;
	open_transparent();
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 100);
	assert_int_equal(stats().connections, 0);
	assert_int_equal(stats().foreign, 1);
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 100);
	assert_int_equal(stats().connections, 1);
	assert_int_equal(stats().foreign, 1);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(connection_without_stages_passes_untouched),
	    cmocka_unit_test(what_each_side_has_sent_is_known),
	    cmocka_unit_test(held_packets_are_released_when_the_plane_goes),
	    cmocka_unit_test(released_packet_meets_the_stages_after_its_holder_only),
	    cmocka_unit_test(detached_stage_leaves_the_others),
	    cmocka_unit_test(changed_packet_leaves_with_right_checksums),
	    cmocka_unit_test(injected_packet_passes_no_stage),
	    cmocka_unit_test(syn_sent_again_keeps_the_number),
	    cmocka_unit_test(new_connection_on_old_ports_gets_a_new_number),
	    cmocka_unit_test(ended_connection_is_forgotten_after_its_linger),
	    cmocka_unit_test(silent_connection_is_kept_for_hours),
	    cmocka_unit_test(unknown_packets_are_accepted_and_counted),
	    cmocka_unit_test(legs_of_a_session_share_its_number),
	    cmocka_unit_test(session_accepted_unseen_gets_the_next_number),
	    cmocka_unit_test(mark_of_no_session_is_foreign),
	    cmocka_unit_test(transparent_selection_of_everything_tells_the_legs_apart),
	    cmocka_unit_test(transparent_client_leg_begins_with_a_syn_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
