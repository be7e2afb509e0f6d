/* test_imp_syn_drop.c - which SYNs and SYN-ACKs syn_drop takes, and how it refuses.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct pkt_rig rig;

static enum rig_fate syn(uint32_t isn)
{
	unsigned n = pkt_rig_send(
	    &rig, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN, .seq = isn});

	return pkt_rig_fate(&rig, n);
}

static enum rig_fate syn_ack(void)
{
	unsigned n = pkt_rig_send(
	    &rig,
	    (struct rig_segment){.dir = DIR_DOWNSTREAM, .flags = TCP_SYN | TCP_ACK, .ack = 1});

	return pkt_rig_fate(&rig, n);
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "syn_drop", param, value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

static void every_syn_vanishes_by_default(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop");
	for (unsigned i = 0; i < 7; i++) {
		assert_int_equal(syn(0), RIG_DROPPED);
		pkt_rig_wait(&rig, NS_PER_S);
	}
	assert_int_equal(syn(50), RIG_DROPPED);
	assert_int_equal(rig.nevents, 8); /* and nothing is sent */
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"syn_dropped\""));
	assert_true(pkt_rig_journalled(&rig, "\"number\":7"));
	pkt_rig_close(&rig);
}

static void first_n_are_dropped_and_the_next_connects(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop{first=2}");
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_ack(&rig, DIR_UPSTREAM, 1)), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void another_attempt_on_the_same_ports_meets_the_same_fate(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop{first=1}");
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn(90), RIG_DROPPED);
	assert_int_equal(syn(90), RIG_ACCEPTED);
	assert_int_equal(rig.conn->session, 1); /* which keeps its number, too */
	pkt_rig_close(&rig);
}

static void answers_with_the_rst_of_a_closed_port(int ipv6)
{
	const struct rig_event *ev;
	struct tcp_view v;

	pkt_rig_open(&rig, "syn_drop{action=rst}");
	rig.ipv6 = ipv6;
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(rig.nevents, 2);
	ev = &rig.events[0];
	assert_true(ev->injected);
	assert_true(tcp_view_parse(&v, ev->data, ev->len));
	assert_int_equal(ev->len, v.ip_len);
	assert_true(checksum_tcp_ok(&v));
	assert_int_equal(v.flags, TCP_RST | TCP_ACK);
	assert_int_equal(v.seq, 0);
	assert_int_equal(v.ack, RIG_ISN_CLIENT + 1);
	assert_int_equal(v.payload_len, 0);
	assert_true(addr_equal(&v.src, &rig.conn->server));
	assert_true(addr_equal(&v.dst, &rig.conn->client));
	pkt_rig_close(&rig);
}

static void rst_refuses_as_a_closed_port_does(void **state)
{
	(void)state;
	answers_with_the_rst_of_a_closed_port(0);
	answers_with_the_rst_of_a_closed_port(1);
}

static void syn_ack_drops_the_answers_alone(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop{syn_ack=yes,first=2}");
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_DROPPED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"syn_ack_dropped\""));
	pkt_rig_close(&rig);
}

static void open_connections_are_never_touched(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop");
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, DIR_UPSTREAM, 70001, 10)),
			 RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, DIR_DOWNSTREAM, 70001, 10)),
			 RIG_ACCEPTED);
	assert_int_equal(syn_ack(), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void any_direction_means_the_same(void **state)
{
	static const char *const faults[] = {"syn_drop{first=2,direction=upstream}",
					     "syn_drop{first=2,direction=downstream}",
					     "syn_drop{first=2,direction=both}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		pkt_rig_open(&rig, faults[i]);
		assert_int_equal(syn(0), RIG_DROPPED);
		assert_int_equal(syn(0), RIG_DROPPED);
		assert_int_equal(syn(0), RIG_ACCEPTED);
		pkt_rig_close(&rig);
	}
}

static void two_in_a_row_drop_one_after_the_other(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "syn_drop{first=1}");
	assert_int_equal(impairment_set_text(rig.set, "syn_drop{first=1}", &e), 0);
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void change_keeps_the_count(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop");
	assert_int_equal(syn(0), RIG_DROPPED);
	assert_int_equal(syn(0), RIG_DROPPED);
	set_param("first", "2");
	assert_int_equal(syn(0), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void disabled_the_next_syn_passes(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "syn_drop");
	assert_int_equal(syn(0), RIG_DROPPED);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(syn(0), RIG_ACCEPTED);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(syn(0), RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void client_leg_is_the_default(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "syn_drop");
	assert_int_equal(syn(0), RIG_DROPPED);
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "syn_drop{leg=server}");
	assert_int_equal(syn(0), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

static void refusing_and_letting_pass_at_once_is_refused(void **state)
{
	struct impairment_set *set = impairment_set_new();
	struct err e = {{0}};

	(void)state;
	if (impairment_set_text(set, "syn_drop{syn_ack=yes,action=rst}", &e) == 0)
		assert_int_equal(impairment_set_check(set, true, &e), -1);
	assert_non_null(strstr(e.text, "every SYN passes"));
	impairment_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_syn_vanishes_by_default),
	    cmocka_unit_test(first_n_are_dropped_and_the_next_connects),
	    cmocka_unit_test(another_attempt_on_the_same_ports_meets_the_same_fate),
	    cmocka_unit_test(rst_refuses_as_a_closed_port_does),
	    cmocka_unit_test(syn_ack_drops_the_answers_alone),
	    cmocka_unit_test(open_connections_are_never_touched),
	    cmocka_unit_test(any_direction_means_the_same),
	    cmocka_unit_test(two_in_a_row_drop_one_after_the_other),
	    cmocka_unit_test(change_keeps_the_count),
	    cmocka_unit_test(disabled_the_next_syn_passes),
	    cmocka_unit_test(client_leg_is_the_default),
	    cmocka_unit_test(refusing_and_letting_pass_at_once_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
