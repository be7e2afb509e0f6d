/* test_imp_loss.c - which segments loss takes, and what of them still arrives.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define US   NS_PER_US
#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM

static struct pkt_rig rig;
static uint32_t next_seq;

static void open_rig(const char *impairments)
{
	pkt_rig_open(&rig, impairments);
	pkt_rig_handshake(&rig);
	next_seq = 1;
}

/* The next full-sized segment downstream: 1500 bytes of IP. */
static bool passes(void)
{
	unsigned n = pkt_rig_data(&rig, DOWN, next_seq, RIG_MSS);

	next_seq += RIG_MSS;
	assert_int_not_equal(pkt_rig_fate(&rig, n), RIG_HELD);
	return pkt_rig_fate(&rig, n) == RIG_ACCEPTED;
}

static unsigned lost_of(unsigned n)
{
	unsigned lost = 0;

	while (n--)
		lost += !passes();
	return lost;
}

static void set_param(const char *param, const char *value)
{
	struct err e;

	assert_int_equal(impairment_set_param(rig.set, "loss", param, value, &e), 0);
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

static void rate_0_loses_nothing_and_100_percent_all_data(void **state)
{
	(void)state;
	open_rig("loss{rate=0}");
	assert_int_equal(lost_of(100), 0);
	pkt_rig_close(&rig);
	open_rig("loss{rate=100%}");
	assert_int_equal(lost_of(100), 100);
	assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_lost\""));
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"random\""));
	pkt_rig_close(&rig);
}

static void only_data_of_its_direction_is_lost(void **state)
{
	(void)state;
	open_rig("loss{rate=100%}");
	assert_int_equal(pkt_rig_fate(&rig, 0), RIG_ACCEPTED); /* the handshake */
	assert_int_equal(pkt_rig_fate(&rig, 1), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_ack(&rig, DOWN, 1)), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, UP, 1, 10)), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_data(&rig, DOWN, 1, 10)), RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void all_takes_whatever_travels_that_way(void **state)
{
	struct rig_segment fin = {.dir = DOWN, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1};

	(void)state;
	pkt_rig_open(&rig, "loss{rate=100%,what=all}");
	pkt_rig_handshake(&rig);
	assert_int_equal(pkt_rig_fate(&rig, 0), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_fate(&rig, 1), RIG_DROPPED); /* the SYN-ACK */
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_ack(&rig, DOWN, 1)), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_send(&rig, fin)), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, pkt_rig_ack(&rig, UP, 1)), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

/* 99.9 % of all binomial samples of 16,000 at 5 % lie within 709 to 891. */
static void random_loses_the_share_it_says(void **state)
{
	unsigned lost = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		pkt_rig_open(&rig, "loss{rate=5%}");
		rig.env.seed = seed;
		next_seq = 1;
		lost += lost_of(400);
		pkt_rig_close(&rig);
	}
	assert_in_range(lost, 709, 891);
}

static void one_seed_loses_the_same_segments_again(void **state)
{
	bool first[300];

	(void)state;
	open_rig("loss{rate=20%}");
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		first[i] = passes();
	pkt_rig_close(&rig);
	open_rig("loss{rate=20%}");
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		assert_int_equal(passes(), first[i]);
	pkt_rig_close(&rig);
}

/* p 5 %, r 25 %: 1 in 6 is lost, in runs of 4. The limits are four standard errors wide. */
static void burst_has_its_mean_length_and_loss(void **state)
{
	unsigned lost = 0, bursts = 0, sent = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		bool before = true;

		pkt_rig_open(&rig, "loss{mode=burst,p=5%,r=25%}");
		rig.env.seed = seed;
		next_seq = 1;
		for (unsigned i = 0; i < 400; i++, sent++) {
			bool now = passes();

			lost += !now;
			bursts += before && !now;
			before = now;
		}
		pkt_rig_close(&rig);
	}
	assert_in_range(lost, sent / 6 - 430, sent / 6 + 430);
	assert_in_range(lost * 100 / bursts, 355, 445);
}

static void burst_that_is_never_entered_or_never_left(void **state)
{
	(void)state;
	open_rig("loss{mode=burst,p=0,r=0}");
	assert_int_equal(lost_of(100), 0);
	pkt_rig_close(&rig);
	open_rig("loss{mode=burst,p=100%,r=0}");
	assert_true(passes()); /* decided in the state before */
	assert_int_equal(lost_of(100), 100);
	pkt_rig_close(&rig);
	open_rig("loss{mode=burst,p=100%,r=0,bad_loss=0}");
	assert_int_equal(lost_of(100), 0);
	pkt_rig_close(&rig);
}

static void nth_takes_every_nth_sent_again_or_not(void **state)
{
	(void)state;
	open_rig("loss{mode=nth,n=3}");
	assert_true(passes());
	pkt_rig_ack(&rig, DOWN, 1); /* no data: doesn't count */
	assert_true(passes());
	assert_false(passes());
	next_seq -= RIG_MSS;
	assert_true(passes());
	assert_true(passes());
	assert_false(passes());
	pkt_rig_close(&rig);
	open_rig("loss{mode=nth,n=1}");
	assert_int_equal(lost_of(20), 20);
	pkt_rig_close(&rig);
}

/* 100 Mbit/s over 1 ms are 12,500 bytes: behind nine packets of 1500 it is exceeded. */
static void tail_of_a_burst_is_lost(void **state)
{
	(void)state;
	open_rig("loss{mode=tail,above_rate=100Mbit/s,over=1ms,buffer=4}");
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(passes(), i < 9 + 4);
		pkt_rig_wait(&rig, 12 * US);
	}
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"tail\""));
	pkt_rig_wait(&rig, 1000 * US); /* the sender pauses: the buffer is empty again */
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(passes(), i < 9 + 4);
	pkt_rig_close(&rig);
}

static void sender_paced_at_the_rate_loses_nothing(void **state)
{
	static const char *const windows[] = {"1ms", "50us", "90ms"};

	(void)state;
	for (size_t w = 0; w < ARRAY_LEN(windows); w++) {
		open_rig("loss{mode=tail,above_rate=100Mbit/s,buffer=0}");
		set_param("over", windows[w]);
		for (unsigned i = 0; i < 400; i++) {
			assert_true(passes());
			pkt_rig_wait(&rig, 120 * US);
		}
		pkt_rig_close(&rig);
	}
}

static void sender_that_never_pauses_stays_cut_off(void **state)
{
	(void)state;
	open_rig("loss{mode=tail,above_rate=100Mbit/s,over=1ms,buffer=4}");
	lost_of(9 + 4);
	for (unsigned i = 0; i < 300; i++) {
		assert_false(passes());
		pkt_rig_wait(&rig, 100 * US);
	}
	pkt_rig_close(&rig);
}

static void no_buffer_loses_the_first_in_excess(void **state)
{
	(void)state;
	open_rig("loss{mode=tail,above_rate=1500kB/s,over=1ms,buffer=0}");
	assert_true(passes());
	assert_true(passes()); /* behind exactly the rate */
	assert_false(passes());
	pkt_rig_wait(&rig, 1000 * US); /* all that came so long ago is forgotten */
	assert_true(passes());
	pkt_rig_close(&rig);
}

static void assert_spoilt(unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(&rig, packet);
	struct tcp_view v;
	uint8_t right[sizeof(ev->data)];

	assert_non_null(ev);
	assert_int_equal(ev->fate, RIG_ACCEPTED);
	assert_true(ev->modified);
	assert_true(tcp_view_parse(&v, ev->data, ev->len));
	assert_false(checksum_tcp_ok(&v));
	memcpy(right, ev->data, ev->len);
	assert_true(tcp_view_parse(&v, right, ev->len));
	checksum_write(&v, right);
	assert_true(checksum_tcp_ok(&v));
	for (size_t i = 0; i < ev->len; i++) /* nothing but the TCP checksum is wrong */
		assert_true(right[i] == ev->data[i] || &right[i] == v.tcp + 16 ||
			    &right[i] == v.tcp + 17);
}

static void checksum_delivers_it_wrong_by_the_checksum_alone(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		pkt_rig_open(&rig, "loss{rate=100%,checksum=yes}");
		rig.ipv6 = ipv6;
		pkt_rig_handshake(&rig);
		assert_spoilt(pkt_rig_data(&rig, DOWN, 1, 11));
		assert_true(pkt_rig_journalled(&rig, "\"event\":\"segment_spoilt\""));
		assert_false(pkt_rig_journalled(&rig, "segment_lost"));
		pkt_rig_close(&rig);
	}
}

static void spoilt_twice_is_still_spoilt(void **state)
{
	struct err e;

	(void)state;
	pkt_rig_open(&rig, "loss{rate=100%,checksum=yes}");
	assert_int_equal(impairment_set_text(rig.set, "loss{rate=100%,checksum=yes}", &e), 0);
	pkt_rig_handshake(&rig);
	assert_spoilt(pkt_rig_data(&rig, DOWN, 1, 100));
	pkt_rig_close(&rig);
}

static void change_acts_from_the_next_packet_and_keeps_the_count(void **state)
{
	(void)state;
	open_rig("loss{mode=nth,n=10}");
	assert_int_equal(lost_of(4), 0);
	set_param("n", "5");
	assert_false(passes());
	assert_int_equal(lost_of(4), 0);
	pkt_rig_close(&rig);
}

static void disabled_it_lets_pass_and_begins_anew_afterwards(void **state)
{
	(void)state;
	open_rig("loss{mode=nth,n=3}");
	lost_of(2);
	pkt_stage_set_active(rig.conn->first, false);
	assert_int_equal(lost_of(10), 0);
	pkt_stage_set_active(rig.conn->first, true);
	assert_int_equal(lost_of(2), 0);
	assert_false(passes());
	pkt_rig_close(&rig);
	open_rig("loss{mode=tail,above_rate=1500kB/s,buffer=0}");
	assert_int_equal(lost_of(3), 1);
	pkt_stage_set_active(rig.conn->first, false);
	pkt_stage_set_active(rig.conn->first, true);
	assert_true(passes());
	pkt_rig_close(&rig);
}

static void client_leg_and_midstream_connections_lose_too(void **state)
{
	(void)state;
	pkt_rig_open_client_leg(&rig, "loss{rate=100%}");
	next_seq = 70001; /* no handshake was seen */
	assert_int_equal(lost_of(3), 3);
	pkt_rig_close(&rig);
	pkt_rig_open_client_leg(&rig, "loss{rate=100%,leg=server}");
	next_seq = 1;
	assert_int_equal(lost_of(3), 0);
	pkt_rig_close(&rig);
}

static void silly_values_are_refused(void **state)
{
	(void)state;
	refused("loss{rate=101%}", "rate");
	refused("loss{rate=-1%}", "rate");
	refused("loss{mode=nth,n=0}", "n");
	refused("loss{mode=tail}", "needs above_rate");
	refused("loss{above_rate=1Mbit/s}", "needs mode=tail");
	refused("loss{mode=tail,above_rate=1Mbit/s,over=1h}", "over");
	refused("loss{mode=tail,above_rate=1Mbit/s,buffer=99999999999}", "buffer");
	refused("loss{mode=often}", "mode");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rate_0_loses_nothing_and_100_percent_all_data),
	    cmocka_unit_test(only_data_of_its_direction_is_lost),
	    cmocka_unit_test(all_takes_whatever_travels_that_way),
	    cmocka_unit_test(random_loses_the_share_it_says),
	    cmocka_unit_test(one_seed_loses_the_same_segments_again),
	    cmocka_unit_test(burst_has_its_mean_length_and_loss),
	    cmocka_unit_test(burst_that_is_never_entered_or_never_left),
	    cmocka_unit_test(nth_takes_every_nth_sent_again_or_not),
	    cmocka_unit_test(tail_of_a_burst_is_lost),
	    cmocka_unit_test(sender_paced_at_the_rate_loses_nothing),
	    cmocka_unit_test(sender_that_never_pauses_stays_cut_off),
	    cmocka_unit_test(no_buffer_loses_the_first_in_excess),
	    cmocka_unit_test(checksum_delivers_it_wrong_by_the_checksum_alone),
	    cmocka_unit_test(spoilt_twice_is_still_spoilt),
	    cmocka_unit_test(change_acts_from_the_next_packet_and_keeps_the_count),
	    cmocka_unit_test(disabled_it_lets_pass_and_begins_anew_afterwards),
	    cmocka_unit_test(client_leg_and_midstream_connections_lose_too),
	    cmocka_unit_test(silly_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
