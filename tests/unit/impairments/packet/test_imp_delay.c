/* test_imp_delay.c - which packets delay holds, for how long, and in what order they go on.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS   NS_PER_MS
#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static struct pkt_rig rig;

static void assert_delay(unsigned packet, int64_t sent, int64_t delay)
{
	assert_int_equal(pkt_rig_fate(&rig, packet), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_when(&rig, packet), sent + delay);
}

static unsigned put(enum dir dir, uint8_t flags, uint32_t seq)
{
	return pkt_rig_send(&rig,
			    (struct rig_segment){.dir = dir, .flags = flags, .seq = seq, .ack = 1});
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "delay", param, value, &e), 0);
	pkt_stage_update(rig.conn->first, rig.set->inst[0].cfg);
}

static void refused(const char *text, const char *reason)
{
	struct impairment_set *set = impairment_set_new();
	struct err e = {{0}};

	if (impairment_set_text(set, text, &e) == 0)
		assert_int_equal(impairment_set_check(set, true, &e), -1);
	if (!strstr(e.text, reason))
		fail_msg("%s: %s", text, e.text);
	impairment_set_free(set);
}

static void everything_that_travels_that_way_is_late_never_early(void **state)
{
	unsigned syn, syn_ack, ack, data, fin, rst;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms}");
	syn = put(UP, TCP_SYN, 0);
	syn_ack = put(DOWN, TCP_SYN | TCP_ACK, 0);
	ack = put(UP, TCP_ACK, 1);
	pkt_rig_wait(&rig, 3 * MS);
	data = pkt_rig_data(&rig, DOWN, 1, 10);
	fin = put(DOWN, TCP_FIN | TCP_ACK, 11);
	pkt_rig_wait(&rig, 1 * MS);
	rst = put(DOWN, TCP_RST, 12);
	pkt_rig_wait(&rig, 96 * MS - 1);
	assert_int_equal(pkt_rig_fate(&rig, syn_ack), RIG_HELD);
	pkt_rig_wait(&rig, 1000 * MS);
	assert_delay(syn, 0, 0);
	assert_delay(ack, 0, 0);
	assert_delay(syn_ack, 0, 100 * MS);
	assert_delay(data, 3 * MS, 100 * MS);
	assert_delay(fin, 3 * MS, 100 * MS);
	assert_delay(rst, 4 * MS, 100 * MS);
	pkt_rig_close(&rig);
}

/* The kernel gets a packet, and only then wakes wedge up; a capture has the kernel's time. A second
 * stage gets it when the first lets it go. */
static void a_delay_begins_when_the_host_gets_the_packet(void **state)
{
	unsigned first, second;
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms}");
	pkt_rig_wait(&rig, 10 * MS);
	rig.waited = 2 * MS;
	first = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 1000 * MS);
	assert_delay(first, 8 * MS, 100 * MS);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "delay{delay=100ms}");
	assert_int_equal(impairment_set_text(rig.set, "delay{delay=50ms}", &e), 0);
	pkt_rig_wait(&rig, 10 * MS);
	rig.waited = 2 * MS;
	second = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 1000 * MS);
	assert_delay(second, 8 * MS, 150 * MS);
	pkt_rig_close(&rig);
}

static void both_directions_are_delayed_each(void **state)
{
	unsigned syn, syn_ack;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,direction=both}");
	rig.ipv6 = true;
	syn = put(UP, TCP_SYN, 0);
	pkt_rig_wait(&rig, 100 * MS);
	assert_delay(syn, 0, 100 * MS);
	syn_ack = put(DOWN, TCP_SYN | TCP_ACK, 0);
	pkt_rig_wait(&rig, 100 * MS);
	assert_delay(syn_ack, 100 * MS, 100 * MS);
	pkt_rig_close(&rig);
}

static void data_only_lets_acks_pass_but_no_fin_or_rst_overtakes(void **state)
{
	unsigned data, ack, fin, rst;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,what=data}");
	pkt_rig_handshake(&rig);
	assert_delay(1, 0, 0);
	data = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 50 * MS);
	ack = pkt_rig_ack(&rig, DOWN, 1);
	fin = put(DOWN, TCP_FIN | TCP_ACK, 11);
	rst = put(DOWN, TCP_RST, 12);
	assert_delay(ack, 50 * MS, 0);
	pkt_rig_wait(&rig, 50 * MS);
	assert_delay(data, 0, 100 * MS);
	assert_delay(fin, 50 * MS, 50 * MS);
	assert_delay(rst, 50 * MS, 50 * MS);
	assert_true(pkt_rig_event(&rig, data) < pkt_rig_event(&rig, fin));
	assert_true(pkt_rig_event(&rig, fin) < pkt_rig_event(&rig, rst));
	assert_delay(put(DOWN, TCP_RST, 12), 100 * MS, 0); /* nothing is left to overtake */
	pkt_rig_close(&rig);
}

static void acks_are_those_of_the_data_and_travel_against_it(void **state)
{
	unsigned ack, data, fin;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,what=acks}");
	pkt_rig_handshake(&rig);
	assert_delay(pkt_rig_data(&rig, DOWN, 1, 10), 0, 0);
	assert_delay(pkt_rig_ack(&rig, DOWN, 1), 0, 0);
	ack = pkt_rig_ack(&rig, UP, 11);
	data = pkt_rig_data(&rig, UP, 1, 10);
	fin = put(UP, TCP_FIN | TCP_ACK, 11);
	assert_delay(put(DOWN, TCP_FIN | TCP_ACK, 11), 0, 0);
	assert_delay(data, 0, 0);
	pkt_rig_wait(&rig, 100 * MS);
	assert_delay(ack, 0, 100 * MS);
	assert_delay(fin, 0, 100 * MS);
	pkt_rig_close(&rig);
}

/* Whenever they come themselves. */
static void acks_are_in_the_window_with_their_data(void **state)
{
	unsigned ack;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,what=acks,after=10B,for=10B}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 10);
	assert_delay(pkt_rig_ack(&rig, UP, 11), 0, 0); /* from before it */
	pkt_rig_data(&rig, DOWN, 11, 10);
	ack = pkt_rig_ack(&rig, UP, 21);
	pkt_rig_wait(&rig, 100 * MS);
	assert_delay(ack, 0, 100 * MS);
	pkt_rig_data(&rig, DOWN, 21, 10);
	assert_delay(pkt_rig_ack(&rig, UP, 31), 100 * MS, 0); /* and from behind it */
	pkt_rig_close(&rig);
}

static void order_is_kept_whatever_the_jitter(void **state)
{
	bool varied = false;
	unsigned first;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,jitter=100ms,distribution=uniform}");
	first = pkt_rig_data(&rig, DOWN, 1, 10);
	for (uint32_t i = 1; i < 100; i++)
		pkt_rig_data(&rig, DOWN, 1 + 10 * i, 10);
	pkt_rig_wait(&rig, 200 * MS);
	for (unsigned i = 0; i < 99; i++) {
		assert_true(pkt_rig_event(&rig, first + i) < pkt_rig_event(&rig, first + i + 1));
		varied |= pkt_rig_when(&rig, first + i) != pkt_rig_when(&rig, first + i + 1);
	}
	assert_true(varied);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_delayed\""));
	pkt_rig_close(&rig);
}

/* Uniform between 0 and 200 ms: of 4,000 the mean is 100 ms to 3 ms in 99.9 % of all samples. */
static void reorder_gives_each_its_own_delay(void **state)
{
	int64_t sum = 0, latest = 0;
	bool overtaken = false;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		pkt_rig_open(&rig, "delay{delay=100ms,jitter=100ms,distribution=uniform,"
				   "reorder=yes}");
		rig.env.seed = seed;
		for (uint32_t i = 0; i < 200; i++)
			pkt_rig_data(&rig, DOWN, 1 + 10 * i, 10);
		pkt_rig_wait(&rig, 200 * MS);
		for (unsigned i = 0; i < 200; i++) {
			int64_t when = pkt_rig_when(&rig, i);

			sum += when;
			overtaken |= when < latest;
			latest = when > latest ? when : latest;
		}
		for (size_t i = 1; i < rig.nevents; i++)
			assert_true(rig.events[i - 1].at <= rig.events[i].at);
		pkt_rig_close(&rig);
	}
	assert_true(overtaken);
	assert_in_range(sum / 4000, 97 * MS, 103 * MS);
}

static void no_delay_at_all_is_no_delay(void **state)
{
	unsigned data;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=0}");
	data = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 0);
	assert_delay(data, 0, 0);
	pkt_rig_close(&rig);
}

static void even_pareto_keeps_nothing_for_more_than_a_minute(void **state)
{
	unsigned first;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=1m,jitter=1m,distribution=pareto,reorder=yes}");
	first = pkt_rig_data(&rig, DOWN, 1, 10);
	for (uint32_t i = 1; i < 100; i++)
		pkt_rig_data(&rig, DOWN, 1 + 10 * i, 10);
	pkt_rig_wait(&rig, 60 * NS_PER_S);
	for (unsigned i = 0; i < 100; i++)
		assert_delay(first + i, 0, 60 * NS_PER_S);
	pkt_rig_close(&rig);
}

static void change_times_anew_from_when_they_came(void **state)
{
	unsigned a, b;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms}");
	a = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 40 * MS);
	b = pkt_rig_data(&rig, DOWN, 11, 10);
	set_param("delay", "150ms");
	pkt_rig_wait(&rig, 110 * MS);
	assert_delay(a, 0, 150 * MS);
	assert_int_equal(pkt_rig_fate(&rig, b), RIG_HELD);
	set_param("delay", "20ms"); /* which is over: never before now, in order */
	pkt_rig_wait(&rig, 0);
	assert_delay(b, 40 * MS, 110 * MS);
	pkt_rig_close(&rig);
}

static void change_to_order_kept_restores_the_order(void **state)
{
	unsigned first;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms,jitter=100ms,reorder=yes}");
	first = pkt_rig_data(&rig, DOWN, 1, 10);
	for (uint32_t i = 1; i < 50; i++) {
		pkt_rig_wait(&rig, 1);
		pkt_rig_data(&rig, DOWN, 1 + 10 * i, 10);
	}
	set_param("reorder", "no");
	pkt_rig_wait(&rig, 300 * MS);
	for (unsigned i = 1; i < 50; i++)
		assert_true(pkt_rig_event(&rig, first) < pkt_rig_event(&rig, first + i));
	pkt_rig_close(&rig);
}

static void disabling_releases_in_order_at_once_and_begins_anew(void **state)
{
	unsigned a, b;

	(void)state;
	pkt_rig_open_client_leg(&rig, "delay{delay=100ms}");
	a = pkt_rig_data(&rig, DOWN, 70001, 10);
	b = pkt_rig_data(&rig, DOWN, 70011, 10);
	pkt_rig_wait(&rig, 10 * MS);
	pkt_stage_set_active(rig.conn->first, false);
	assert_delay(a, 0, 10 * MS);
	assert_delay(b, 0, 10 * MS);
	assert_true(pkt_rig_event(&rig, a) < pkt_rig_event(&rig, b));
	assert_delay(pkt_rig_data(&rig, DOWN, 70021, 10), 10 * MS, 0);
	set_param("delay", "20ms");
	pkt_stage_set_active(rig.conn->first, true);
	a = pkt_rig_data(&rig, DOWN, 70031, 10);
	pkt_rig_wait(&rig, 20 * MS);
	assert_delay(a, 10 * MS, 20 * MS);
	pkt_rig_close(&rig);
}

static void two_in_a_row_add_up(void **state)
{
	struct err e;
	unsigned data;

	(void)state;
	pkt_rig_open(&rig, "delay{delay=100ms}");
	assert_int_equal(impairment_set_text(rig.set, "delay{delay=30ms}", &e), 0);
	data = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_wait(&rig, 130 * MS);
	assert_delay(data, 0, 130 * MS);
	pkt_rig_close(&rig);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("delay{delay=-1ms}", "delay");
	refused("delay{delay=2h}", "delay");
	refused("delay{jitter=10ms,distribution=constant}", "distribution");
	refused("delay{delay=10ms,jitter=11ms}", "early");
	refused("delay{delay=10ms,jitter=11ms,distribution=uniform}", "early");
	refused("delay{distribution=pareto,shape=1}", "shape");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_that_travels_that_way_is_late_never_early),
	    cmocka_unit_test(a_delay_begins_when_the_host_gets_the_packet),
	    cmocka_unit_test(both_directions_are_delayed_each),
	    cmocka_unit_test(data_only_lets_acks_pass_but_no_fin_or_rst_overtakes),
	    cmocka_unit_test(acks_are_those_of_the_data_and_travel_against_it),
	    cmocka_unit_test(acks_are_in_the_window_with_their_data),
	    cmocka_unit_test(order_is_kept_whatever_the_jitter),
	    cmocka_unit_test(reorder_gives_each_its_own_delay),
	    cmocka_unit_test(no_delay_at_all_is_no_delay),
	    cmocka_unit_test(even_pareto_keeps_nothing_for_more_than_a_minute),
	    cmocka_unit_test(change_times_anew_from_when_they_came),
	    cmocka_unit_test(change_to_order_kept_restores_the_order),
	    cmocka_unit_test(disabling_releases_in_order_at_once_and_begins_anew),
	    cmocka_unit_test(two_in_a_row_add_up),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
