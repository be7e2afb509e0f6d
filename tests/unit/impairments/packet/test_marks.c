/* test_marks.c - what is held, dropped or made in a host's name has that host's time stamps, IP IDs
 * and header; what the network does leaves them alone.
 * LAYER: wedge_impairments pkt_rig */
#include "tests/rig/pkt_rig.h"

#include "proxy/base/byteorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DOWN DIR_DOWNSTREAM
#define UP   DIR_UPSTREAM
#define MS   NS_PER_MS

enum { CLIENT_ID = 0xfffc, SERVER_ID = 500, TTL = 61, TOS = 0x48 };

static struct pkt_rig rig;
static double hz;	   /* of the client's clock */
static uint32_t tsval_at0; /* its TSval at the time 0 */
static uint16_t next_id;   /* of the client's next packet */

static uint32_t tsval_now(void)
{
	return tsval_at0 + (uint32_t)(int64_t)(hz * clock_seconds(rig.clock.t));
}

static unsigned from_client(struct rig_segment s)
{
	s.dir = UP;
	s.timestamps = true;
	s.tsval = tsval_now();
	s.tsecr = 7;
	s.id = next_id++;
	s.ttl = TTL;
	s.tos = TOS;
	return pkt_rig_send(&rig, s);
}

static unsigned client_acks(uint32_t ack)
{
	return from_client((struct rig_segment){.seq = 1, .ack = ack});
}

static unsigned server_data(uint32_t seq)
{
	return pkt_rig_send(&rig, (struct rig_segment){.dir = DOWN,
						       .flags = TCP_ACK | TCP_PSH,
						       .seq = seq,
						       .ack = 1,
						       .len = 100,
						       .timestamps = true,
						       .tsval = 9,
						       .ttl = 50,
						       .id = SERVER_ID,
						       .tsecr = 1});
}

static void open_at(const char *faults, double rate, uint32_t tsval, bool ipv6)
{
	pkt_rig_open(&rig, faults);
	rig.ipv6 = ipv6;
	hz = rate;
	tsval_at0 = tsval;
	next_id = CLIENT_ID;
	from_client((struct rig_segment){.flags = TCP_SYN});
	pkt_rig_send(
	    &rig,
	    (struct rig_segment){
		.dir = DOWN, .flags = TCP_SYN | TCP_ACK, .ack = 1, .ttl = 50, .timestamps = true});
	client_acks(1);
}

static uint16_t id_of(const struct tcp_view *v)
{
	return get_be16(v->ip + 4);
}

/* A packet as it went on, changed or not. */
static uint16_t id_sent(unsigned packet, uint16_t id)
{
	struct tcp_view v;

	assert_int_equal(pkt_rig_fate(&rig, packet), RIG_ACCEPTED);
	if (!pkt_rig_modified(&rig, packet))
		return id;
	v = pkt_rig_arrived(&rig, packet);
	return id_of(&v);
}

static void held_ack_has_the_time_of_its_leaving(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		open_at("delayed_ack{timer=200ms}", 1000, UINT32_MAX - 150, ipv6); /* wraps */
		for (uint32_t seq = 1; seq < 1000; seq += 100) {
			struct tcp_view v;
			unsigned ack;

			server_data(seq);
			pkt_rig_wait(&rig, MS / 3);
			ack = client_acks(seq + 100);
			pkt_rig_wait(&rig, 200 * MS);
			v = pkt_rig_arrived(&rig, ack);
			assert_in_range(
			    seq_diff(tsval_at0 + (uint32_t)(pkt_rig_when(&rig, ack) / MS), v.tsval),
			    0, 1);
			assert_int_equal(v.tsecr, 7);
		}
		pkt_rig_close(&rig);
	}
}

/* A clock of 100 ticks is taken for one of 1000 until it is measured; nothing goes back meanwhile,
 * and later the stamps are right. */
static void other_clocks_are_measured_and_never_go_back(void **state)
{
	uint32_t sent = 0;

	(void)state;
	open_at("delayed_ack{timer=200ms}", 100, 5000, false);
	sent = tsval_at0;
	for (uint32_t seq = 1; seq < 2000; seq += 100) {
		unsigned held, after;
		struct tcp_view v;

		server_data(seq);
		held = client_acks(seq + 100);
		pkt_rig_wait(&rig, 200 * MS);
		v = pkt_rig_arrived(&rig, held);
		assert_true(seq_diff(v.tsval, sent) >= 0);
		sent = v.tsval;
		after = from_client((struct rig_segment){.seq = 1, .ack = seq + 100, .len = 1});
		if (pkt_rig_modified(&rig, after))
			v = pkt_rig_arrived(&rig, after);
		else
			v.tsval = tsval_now();
		assert_true(seq_diff(v.tsval, sent) >= 0);
		sent = v.tsval;
		if (seq > 1000)
			assert_in_range(seq_diff(tsval_now(), v.tsval), 0, 1);
	}
	pkt_rig_close(&rig);
}

static void without_the_option_nothing_is_stamped(void **state)
{
	unsigned ack;

	(void)state;
	pkt_rig_open(&rig, "delayed_ack{timer=200ms}");
	pkt_rig_handshake(&rig);
	pkt_rig_data(&rig, DOWN, 1, 100);
	ack = pkt_rig_ack(&rig, UP, 101);
	pkt_rig_wait(&rig, 200 * MS);
	assert_int_equal(pkt_rig_fate(&rig, ack), RIG_ACCEPTED);
	assert_false(pkt_rig_modified(&rig, ack));
	pkt_rig_close(&rig);
}

/* Of two ACKs that are held one is dropped; CLIENT_ID lets the row wrap. */
static void merged_acks_leave_no_hole(void **state)
{
	uint16_t expected = CLIENT_ID + 2;

	(void)state;
	open_at("delayed_ack{timer=200ms,every=3}", 1000, 1, false);
	for (uint32_t seq = 1; seq < 2000; seq += 200) {
		unsigned second, data;

		server_data(seq);
		client_acks(seq + 100);
		server_data(seq + 100);
		second = client_acks(seq + 200);
		pkt_rig_wait(&rig, 200 * MS);
		assert_int_equal(id_sent(second, (uint16_t)(next_id - 1)), expected++);
		data = from_client((struct rig_segment){.seq = 1, .ack = seq + 200, .len = 9});
		assert_int_equal(id_sent(data, (uint16_t)(next_id - 1)), expected++);
	}
	pkt_rig_close(&rig);
}

static void what_passes_a_held_ack_keeps_the_row(void **state)
{
	unsigned held, duplicate, fin;

	(void)state;
	open_at("delayed_ack{timer=200ms}", 1000, 1, false);
	server_data(1);
	held = client_acks(101);
	duplicate = client_acks(1);
	fin = from_client((struct rig_segment){.flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1});
	assert_int_equal(id_sent(duplicate, CLIENT_ID + 3), (uint16_t)(CLIENT_ID + 2));
	assert_int_equal(id_sent(held, CLIENT_ID + 2), (uint16_t)(CLIENT_ID + 3));
	assert_int_equal(id_sent(fin, (uint16_t)(CLIENT_ID + 4)), (uint16_t)(CLIENT_ID + 4));
	pkt_rig_close(&rig);
}

static void ids_of_0_stay(void **state)
{
	unsigned ack;
	struct tcp_view v;

	(void)state;
	open_at("delayed_ack{timer=200ms,every=3}", 1000, 1, false);
	for (uint32_t seq = 1; seq < 500; seq += 100) {
		server_data(seq);
		next_id = 0;
		ack = client_acks(seq + 100);
		pkt_rig_wait(&rig, 200 * MS);
		v = pkt_rig_arrived(&rig, ack);
		assert_int_equal(id_of(&v), 0);
	}
	pkt_rig_close(&rig);
}

static void network_leaves_stamps_and_ids(void **state)
{
	static const char *const faults[] = {"delay{direction=upstream,delay=200ms}",
					     "reorder{direction=upstream,share=100%,hold=200ms}",
					     "duplicate{direction=upstream,share=100%}"};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		unsigned n;

		open_at(faults[i], 1000, 1, false);
		n = from_client((struct rig_segment){.seq = 1, .ack = 1, .len = 10});
		pkt_rig_wait(&rig, 300 * MS);
		assert_int_equal(pkt_rig_fate(&rig, n), RIG_ACCEPTED);
		assert_false(pkt_rig_modified(&rig, n));
		pkt_rig_close(&rig);
	}
}

static void announced_window_looks_like_its_host(void **state)
{
	struct tcp_view v;
	unsigned after;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		open_at("zero_window{for=1s}", 1000, 100, ipv6);
		server_data(1);
		client_acks(101);
		pkt_rig_wait(&rig, 1200 * MS);
		v = pkt_rig_injection(&rig);
		assert_int_equal(v.window, 1000);
		assert_in_range(v.tsval, 1098, 1100);
		assert_int_equal(v.ip[ipv6 ? 7 : 8], TTL);
		assert_int_equal(ipv6 ? (get_be16(v.ip) >> 4 & 0xff) : v.ip[1], TOS);
		if (ipv6)
			assert_int_equal(get_be32(v.ip) & 0xfffff, RIG_FLOW_LABEL);
		after = client_acks(101);
		if (!ipv6) {
			assert_int_equal(id_of(&v), (uint16_t)(CLIENT_ID + 3));
			assert_int_equal(id_sent(after, CLIENT_ID + 3), (uint16_t)(CLIENT_ID + 4));
		}
		pkt_rig_close(&rig);
	}
}

static void rst_looks_like_its_host(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct tcp_view v;

		open_at("rst_inject{to=server,after=1s}", 1000, 100, ipv6);
		server_data(1);
		pkt_rig_wait(&rig, 1100 * MS);
		client_acks(1);
		v = pkt_rig_injection(&rig);
		assert_int_equal(v.flags, TCP_RST);
		assert_int_equal(v.ip[ipv6 ? 7 : 8], TTL);
		assert_int_equal(ipv6 ? (get_be16(v.ip) >> 4 & 0xff) : v.ip[1], TOS);
		if (!ipv6) /* as Linux answers without a socket */
			assert_int_equal(get_be32(v.ip + 4), 0x4000);
		pkt_rig_close(&rig);
	}
}

static void unknown_server_is_a_linux_host_a_hop_away(void **state)
{
	struct tcp_view v;

	(void)state;
	pkt_rig_open(&rig, "syn_drop{action=rst}");
	pkt_rig_send(&rig, (struct rig_segment){.dir = UP, .flags = TCP_SYN});
	v = pkt_rig_injection(&rig);
	assert_int_equal(v.ip[8], 63);
	pkt_rig_close(&rig);
}

static void late_syn_ack_is_stamped_and_its_echo_restored(void **state)
{
	unsigned syn_ack, ack;
	struct tcp_view v;

	(void)state;
	pkt_rig_open(&rig, "syn_ack_delay{delay=3s}");
	hz = 1000;
	tsval_at0 = 1;
	next_id = CLIENT_ID;
	from_client((struct rig_segment){.flags = TCP_SYN});
	syn_ack = pkt_rig_send(&rig, (struct rig_segment){.dir = DOWN,
							  .flags = TCP_SYN | TCP_ACK,
							  .ack = 1,
							  .timestamps = true,
							  .tsval = 40000,
							  .ttl = 50});
	pkt_rig_wait(&rig, 3 * NS_PER_S);
	v = pkt_rig_arrived(&rig, syn_ack);
	assert_in_range(v.tsval, 42998, 43000);
	ack = pkt_rig_send(&rig, (struct rig_segment){.dir = UP,
						      .seq = 1,
						      .ack = 1,
						      .timestamps = true,
						      .tsval = 3001,
						      .tsecr = v.tsval});
	v = pkt_rig_arrived(&rig, ack);
	assert_int_equal(v.tsecr, 40000);
	pkt_rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(held_ack_has_the_time_of_its_leaving),
	    cmocka_unit_test(other_clocks_are_measured_and_never_go_back),
	    cmocka_unit_test(without_the_option_nothing_is_stamped),
	    cmocka_unit_test(merged_acks_leave_no_hole),
	    cmocka_unit_test(what_passes_a_held_ack_keeps_the_row),
	    cmocka_unit_test(ids_of_0_stay),
	    cmocka_unit_test(network_leaves_stamps_and_ids),
	    cmocka_unit_test(announced_window_looks_like_its_host),
	    cmocka_unit_test(rst_looks_like_its_host),
	    cmocka_unit_test(unknown_server_is_a_linux_host_a_hop_away),
	    cmocka_unit_test(late_syn_ack_is_stamped_and_its_echo_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
