/* test_delayed_ack_passes.c - what delayed_ack lets pass at once, and what becomes of the held ACK.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/delayed_ack_words.h"

static void data_itself_is_never_held(void **state)
{
	(void)state;
	open_rig("delayed_ack");
	assert_passed_now(data(1, 100));
	assert_passed_now(data(101, RIG_MSS));
	assert_passed_now(pkt_rig_data(&rig, DIR_UPSTREAM, 1, 50));
	pkt_rig_close(&rig);
}

static void piggyback_drops_the_held_ack(void **state)
{
	unsigned a, reply;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	pkt_rig_wait(&rig, 10 * MS);
	reply =
	    pkt_rig_send(&rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 101, .len = 50});
	assert_passed_now(reply);
	assert_fate(a, RIG_DROPPED);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"piggyback\""));
	pkt_rig_wait(&rig, 300 * MS);
	pkt_rig_close(&rig);
}

static void older_data_doesnt_drop_the_held_ack(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	pkt_rig_send(&rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 1, .len = 50});
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

static void window_update_passes_at_once(void **state)
{
	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	ack(101);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(pkt_rig_send(
	    &rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 101, .window = 2000}));
	pkt_rig_close(&rig);
}

static void window_update_leaves_newer_held_ack(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	assert_passed_now(pkt_rig_send(
	    &rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 1, .window = 2000}));
	assert_fate(a, RIG_HELD);
	pkt_rig_wait(&rig, 200 * MS);
	assert_passed_now(a);
	pkt_rig_close(&rig);
}

/* Both sides scale by 2; the SYN-ACK's window field says 1000 bytes, any other 4 bytes each. */
static void open_scaled(const char *impairments)
{
	struct rig_segment syn = {.flags = TCP_SYN, .wscale = 2};
	struct rig_segment syn_ack = {
	    .dir = DIR_DOWNSTREAM, .flags = TCP_SYN | TCP_ACK, .ack = 1, .wscale = 2};

	pkt_rig_open(&rig, impairments);
	pkt_rig_send(&rig, syn);
	pkt_rig_send(&rig, syn_ack);
}

static unsigned ack_window(enum dir dir, uint32_t number, uint16_t window)
{
	return pkt_rig_send(
	    &rig, (struct rig_segment){.dir = dir, .seq = 1, .ack = number, .window = window});
}

static void ack_that_reopens_a_window_passes_at_once(void **state)
{
	unsigned held;

	(void)state;
	open_scaled("delayed_ack{every=3}");
	ack_window(ACKS, 1, 500);
	data(1, 700);
	held = ack_window(ACKS, 701, 325); /* leaves 1300 of the same 2000 bytes */
	assert_fate(held, RIG_HELD);
	data(701, 700);					/* leaves 600, less than half of them */
	assert_passed_now(ack_window(ACKS, 1401, 250)); /* leaves 1000, just enough */
	assert_fate(held, RIG_DROPPED);
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"window\""));
	pkt_rig_close(&rig);
}

static void ack_that_merely_has_another_window_waits(void **state)
{
	(void)state;
	open_scaled("delayed_ack");
	ack_window(ACKS, 1, 730); /* 2920 bytes, of which 1460 are left below */
	data(1, 1460);
	assert_fate(ack_window(ACKS, 1461, 2000), RIG_HELD);
	pkt_rig_close(&rig);
	open_scaled("delayed_ack"); /* half of a window is enough to go on, as on loopback */
	ack_window(ACKS, 1, 500);
	data(1, 1000);
	assert_fate(ack_window(ACKS, 1001, 500), RIG_HELD);
	pkt_rig_close(&rig);
	open_scaled("delayed_ack{every=3}"); /* it doesn't leave a full-sized segment */
	ack_window(ACKS, 1, 730);
	data(1, 1460);
	data(1461, 1);
	assert_fate(ack_window(ACKS, 1462, 364), RIG_HELD);
	pkt_rig_close(&rig);
	pkt_rig_open(&rig, "delayed_ack"); /* no SYN was seen: who knows the scale */
	ack_window(ACKS, 1, 1000);
	data(1, 700);
	assert_fate(ack_window(ACKS, 701, 2000), RIG_HELD);
	pkt_rig_close(&rig);
}

static void window_of_a_syn_is_taken_unscaled(void **state)
{
	(void)state;
	open_scaled("delayed_ack{direction=upstream}"); /* the server's: 1000 bytes */
	pkt_rig_data(&rig, DIR_UPSTREAM, 1, 501);
	assert_passed_now(ack_window(DIR_DOWNSTREAM, 502, 1000));
	pkt_rig_close(&rig);
}

static void duplicate_acks_pass_at_once(void **state)
{
	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	ack(101);
	pkt_rig_wait(&rig, 200 * MS);
	data(201, 100); /* 101..200 is missing */
	for (int i = 0; i < 3; i++)
		assert_passed_now(ack(101));
	pkt_rig_close(&rig);
}

static void duplicate_of_the_held_ack_passes_and_drops_it(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=9}");
	data(1, 100);
	a = ack(101);
	data(201, 100); /* out of order: its receiver repeats itself at once */
	assert_passed_now(ack(101));
	assert_fate(a, RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void sack_passes_at_once_and_drops_the_held_ack(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack{every=9}");
	data(1, 100);
	a = ack(101);
	data(201, 100);
	assert_passed_now(pkt_rig_send(
	    &rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 101, .sack = {201, 301}}));
	assert_fate(a, RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void sack_with_new_data_passes_at_once(void **state)
{
	(void)state;
	open_rig("delayed_ack{every=9}");
	data(1, 100);
	data(201, 100);
	assert_passed_now(pkt_rig_send(
	    &rig, (struct rig_segment){.dir = ACKS, .seq = 1, .ack = 101, .sack = {201, 301}}));
	pkt_rig_close(&rig);
}

static void keep_alive_answers_pass_at_once(void **state)
{
	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	ack(101);
	pkt_rig_wait(&rig, NS_PER_S);
	data(100, 0); /* Linux: no byte, one before the next */
	assert_passed_now(ack(101));
	data(100, 1); /* BSD: one old byte */
	assert_passed_now(ack(101));
	pkt_rig_close(&rig);
}

static void handshake_passes_at_once(void **state)
{
	(void)state;
	pkt_rig_open(&rig, "delayed_ack{direction=both}");
	pkt_rig_handshake(&rig);
	for (unsigned i = 0; i < 3; i++)
		assert_passed_now(i);
	pkt_rig_close(&rig);
}

static void fin_of_the_sender_releases_the_held_ack_before_it(void **state)
{
	unsigned a, fin;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	pkt_rig_wait(&rig, 10 * MS);
	fin = pkt_rig_send(
	    &rig,
	    (struct rig_segment){.dir = DATA, .flags = TCP_FIN | TCP_ACK, .seq = 101, .ack = 1});
	assert_passed_now(a);
	assert_passed_now(fin);
	assert_true(pkt_rig_event(&rig, a) < pkt_rig_event(&rig, fin));
	assert_passed_now(ack(102));
	assert_true(pkt_rig_journalled(&rig, "\"reason\":\"fin\""));
	pkt_rig_close(&rig);
}

static void last_data_with_fin_is_acknowledged_at_once(void **state)
{
	(void)state;
	open_rig("delayed_ack");
	pkt_rig_send(&rig,
		     (struct rig_segment){
			 .dir = DATA, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1, .len = 9});
	assert_passed_now(ack(11));
	pkt_rig_close(&rig);
}

static void fin_of_the_receiver_carries_the_acknowledgement(void **state)
{
	unsigned a;

	(void)state;
	open_rig("delayed_ack");
	data(1, 100);
	a = ack(101);
	pkt_rig_send(&rig, (struct rig_segment){
			       .dir = ACKS, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 101});
	assert_fate(a, RIG_DROPPED);
	pkt_rig_close(&rig);
}

static void rst_of_either_side_releases_the_held_ack(void **state)
{
	(void)state;
	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		unsigned a, rst;

		open_rig("delayed_ack");
		data(1, 100);
		a = ack(101);
		rst = pkt_rig_send(&rig,
				   (struct rig_segment){.dir = dir, .flags = TCP_RST, .seq = 1});
		assert_passed_now(a);
		assert_passed_now(rst);
		assert_true(pkt_rig_event(&rig, a) < pkt_rig_event(&rig, rst));
		assert_true(pkt_rig_journalled(&rig, "\"reason\":\"rst\""));
		pkt_rig_close(&rig);
	}
}

/* It comes behind the window, as the answer to the last segment inside always does. */
static void ack_of_a_segment_in_the_window_waits(void **state)
{
	unsigned inside, both;

	(void)state;
	open_rig("delayed_ack{timer=200ms,after=100B,for=200B}");
	data(1, 100);
	assert_passed_now(ack(101)); /* from before it */
	data(101, 100);
	data(201, 100);
	inside = ack(201);
	pkt_rig_wait(&rig, 5 * MS);
	assert_fate(inside, RIG_HELD);
	data(301, 100);
	both = ack(401); /* and of one behind it */
	assert_passed_now(both);
	assert_fate(inside, RIG_DROPPED);
	data(401, 100);
	assert_passed_now(ack(501));
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(data_itself_is_never_held),
	    cmocka_unit_test(piggyback_drops_the_held_ack),
	    cmocka_unit_test(older_data_doesnt_drop_the_held_ack),
	    cmocka_unit_test(window_update_passes_at_once),
	    cmocka_unit_test(window_update_leaves_newer_held_ack),
	    cmocka_unit_test(ack_that_reopens_a_window_passes_at_once),
	    cmocka_unit_test(ack_that_merely_has_another_window_waits),
	    cmocka_unit_test(window_of_a_syn_is_taken_unscaled),
	    cmocka_unit_test(duplicate_acks_pass_at_once),
	    cmocka_unit_test(duplicate_of_the_held_ack_passes_and_drops_it),
	    cmocka_unit_test(sack_passes_at_once_and_drops_the_held_ack),
	    cmocka_unit_test(sack_with_new_data_passes_at_once),
	    cmocka_unit_test(keep_alive_answers_pass_at_once),
	    cmocka_unit_test(handshake_passes_at_once),
	    cmocka_unit_test(fin_of_the_sender_releases_the_held_ack_before_it),
	    cmocka_unit_test(last_data_with_fin_is_acknowledged_at_once),
	    cmocka_unit_test(fin_of_the_receiver_carries_the_acknowledgement),
	    cmocka_unit_test(rst_of_either_side_releases_the_held_ack),
	    cmocka_unit_test(ack_of_a_segment_in_the_window_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
