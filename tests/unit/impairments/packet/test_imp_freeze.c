/* test_imp_freeze.c - a host stops whole, and everything that came meanwhile goes on in order.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM
#define MS   NS_PER_MS

static struct pkt_rig rig;

static void pass_until(int64_t ms)
{
	pkt_rig_wait(&rig, ms * MS - rig.clock.t);
}

static void assert_passed(unsigned packet, int64_t ms)
{
	assert_int_equal(pkt_rig_fate(&rig, packet), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_when(&rig, packet), ms * MS);
}

/* The place of a packet among all that came out. */
static size_t place_of(unsigned packet)
{
	return (size_t)(pkt_rig_event(&rig, packet) - rig.events);
}

static void both_directions_wait_and_go_on_in_the_order_of_their_coming(void **state)
{
	unsigned p[6];

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0}");
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		p[0] = pkt_rig_data(&rig, UP, 1, 10);
		assert_passed(p[0], 0);
		pass_until(31);
		p[1] = pkt_rig_ack(&rig, DOWN, 11);
		p[2] = pkt_rig_data(&rig, UP, 11, 10);
		pass_until(40);
		p[3] = pkt_rig_data(&rig, DOWN, 1, 100);
		p[4] = pkt_rig_ack(&rig, UP, 101);
		p[5] = pkt_rig_send(
		    &rig, (struct rig_segment){
			      .dir = UP, .flags = TCP_FIN | TCP_ACK, .seq = 21, .ack = 101});
		for (unsigned i = 1; i < 6; i++)
			assert_int_equal(pkt_rig_fate(&rig, p[i]), RIG_HELD);
		pass_until(60);
		for (unsigned i = 1; i < 6; i++) {
			assert_passed(p[i], 50);
			assert_true(i == 1 || place_of(p[i]) > place_of(p[i - 1]));
		}
		pkt_rig_close(&rig);
	}
}

static void a_handshake_waits_too_and_shares_the_clock(void **state)
{
	unsigned data, syn;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0}");
	pkt_rig_handshake(&rig);
	pass_until(35);
	data = pkt_rig_data(&rig, UP, 1, 10);
	rig.ipv6 = true; /* another connection */
	syn = pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	rig.ipv6 = false;
	pass_until(60);
	assert_passed(data, 50);
	assert_passed(syn, 50);
	assert_true(place_of(data) < place_of(syn));
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"freeze\""));
	pkt_rig_close(&rig);
}

static void a_frozen_host_says_nothing_twice(void **state)
{
	unsigned first, again, probe, client;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=1s,wake=0}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 100);
	pass_until(35);
	first = pkt_rig_data(&rig, DOWN, 101, 100);
	pass_until(300);
	again = pkt_rig_data(&rig, DOWN, 1, 100);
	pkt_rig_data(&rig, DOWN, 101, 100);
	probe = pkt_rig_send(&rig, (struct rig_segment){.dir = DOWN, .seq = 200, .ack = 1});
	client = pkt_rig_data(&rig, UP, 1, 10);
	pkt_rig_data(&rig, UP, 1, 10); /* the other host lives, and its patience is over */
	assert_int_equal(pkt_rig_fate(&rig, again), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, again + 1), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, probe), RIG_DROPPED);
	pass_until(1030);
	assert_passed(first, 1030);
	assert_passed(client, 1030);
	assert_passed(client + 1, 1030);
	assert_passed(pkt_rig_data(&rig, DOWN, 1, 100), 1030); /* while it runs it may */
	pkt_rig_close(&rig);
}

static void the_client_may_be_the_frozen_host(void **state)
{
	unsigned up, down;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=1s,wake=0,side=client}");
	pkt_rig_handshake(&rig);
	pass_until(35);
	up = pkt_rig_data(&rig, UP, 1, 10);
	pkt_rig_data(&rig, UP, 1, 10);
	down = pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_data(&rig, DOWN, 1, 10);
	assert_int_equal(pkt_rig_fate(&rig, up + 1), RIG_DROPPED);
	pass_until(1030);
	assert_passed(up, 1030);
	assert_passed(down, 1030);
	assert_passed(down + 1, 1030);
	pkt_rig_close(&rig);
}

static void both_directions_of_one_instance_hold_once(void **state)
{
	unsigned p;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0,direction=both}");
	pkt_rig_handshake(&rig);
	pass_until(35);
	p = pkt_rig_data(&rig, UP, 1, 10);
	pkt_rig_data(&rig, DOWN, 1, 10);
	pkt_rig_data(&rig, DOWN, 1, 10);
	assert_int_equal(pkt_rig_fate(&rig, p + 2), RIG_DROPPED);
	pass_until(55);
	assert_passed(p, 50);
	assert_passed(p + 1, 50);
	pkt_rig_close(&rig);
}

static void a_change_holds_from_the_next_slice_on(void **state)
{
	struct err e;
	unsigned p;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0}");
	pkt_rig_handshake(&rig);
	pass_until(35);
	assert_int_equal(impairment_set_update(rig.set, "freeze", "run", "5ms", true, &e), 0);
	assert_int_equal(impairment_set_update(rig.set, "freeze", "pause", "100ms", true, &e), 0);
	p = pkt_rig_data(&rig, UP, 1, 10);
	pass_until(56);
	assert_passed(p, 50);
	p = pkt_rig_data(&rig, UP, 11, 10);
	pass_until(300);
	assert_passed(p, 155);
	pkt_rig_close(&rig);
}

static void waking_takes_its_time(void **state)
{
	unsigned p;

	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms}");
	pkt_rig_handshake(&rig);
	pass_until(30);
	p = pkt_rig_data(&rig, UP, 1, 10);
	pass_until(60);
	assert_passed(p, 51);
	pkt_rig_close(&rig);
}

static void disabled_or_removed_in_a_pause_it_lets_everything_go(void **state)
{
	struct err e;

	(void)state;
	for (int removed = 0; removed < 2; removed++) {
		unsigned p;

		pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0}");
		pkt_rig_handshake(&rig);
		pass_until(35);
		p = pkt_rig_data(&rig, UP, 1, 10);
		pkt_rig_ack(&rig, DOWN, 11);
		if (removed)
			assert_int_equal(impairment_set_remove(rig.set, "freeze", true, &e), 0);
		else
			assert_int_equal(impairment_set_enable(rig.set, "freeze", false, true, &e),
					 0);
		assert_passed(p, 35);
		assert_passed(p + 1, 35);
		assert_true(place_of(p) < place_of(p + 1));
		pkt_rig_close(&rig);
	}
}

/* The plane ends in a pause: every packet still gets its verdict (pkt_rig_close). */
static void it_may_end_in_a_pause(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "freeze{run=30ms,pause=20ms,wake=0}");
	pkt_rig_handshake(&rig);
	pass_until(35);
	pkt_rig_data(&rig, UP, 1, 10);
	rig.ipv6 = true;
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	pkt_rig_close(&rig);
}

static bool acts_on_client(struct impair_inst *inst)
{
	const struct param *p = param_find(inst->type->params, "side");
	char value[32];

	param_format(p, inst->cfg, value, sizeof(value));
	return strcmp(value, "client") == 0;
}

static void the_side_is_the_hosts_unless_it_is_given(void **state)
{
	struct impairment_set *s = impairment_set_new();
	struct err e;

	(void)state;
	assert_int_equal(impairment_set_text(s, "freeze", &e), 0);
	assert_int_equal(impairment_set_text(s, "freeze{side=server}", &e), 0);
	assert_int_equal(impairment_set_text(s, "reset{side=both}", &e), 0); /* another side */
	for (size_t i = 0; i < s->n; i++)
		impair_inst_set_side(&s->inst[i], "client");
	assert_true(acts_on_client(&s->inst[0]));
	assert_false(acts_on_client(&s->inst[1]));
	assert_false(acts_on_client(&s->inst[2]));
	impairment_set_free(s);
}

static void silly_values_are_refused(void **state)
{
	static const char *const silly[] = {"freeze{run=0}", "freeze{pause=2h}", "freeze{shape=1}",
					    "freeze{side=both}",
					    "freeze{distribution=pareto,pause=30s}"};
	static const char *const reason[] = {"run", "pause", "shape", "side", "longest"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(silly); i++) {
		struct impairment_set *s = impairment_set_new();
		struct err e = {""};

		assert_int_equal(impairment_set_text(s, silly[i], &e), -1);
		assert_non_null(strstr(e.text, reason[i]));
		impairment_set_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_directions_wait_and_go_on_in_the_order_of_their_coming),
	    cmocka_unit_test(a_handshake_waits_too_and_shares_the_clock),
	    cmocka_unit_test(a_frozen_host_says_nothing_twice),
	    cmocka_unit_test(the_client_may_be_the_frozen_host),
	    cmocka_unit_test(both_directions_of_one_instance_hold_once),
	    cmocka_unit_test(a_change_holds_from_the_next_slice_on),
	    cmocka_unit_test(waking_takes_its_time),
	    cmocka_unit_test(disabled_or_removed_in_a_pause_it_lets_everything_go),
	    cmocka_unit_test(it_may_end_in_a_pause),
	    cmocka_unit_test(the_side_is_the_hosts_unless_it_is_given),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
