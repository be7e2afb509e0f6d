/* test_packet_copies.c - a packet that was taken at several points is new once; one that is sent
 * again comes by all of them again. LAYER: wedge_reader */
#include "scenarios/reader/packet_copies.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { EAST = 1, WEST = 2, NORTH = 3 };

struct bench {
	struct packet_copies *copies;
	uint8_t packet[60];
	struct layers l;
};

/* Writes an IPv4 or IPv6 packet with a TCP header of 20 bytes; seq tells packets apart. */
static void set_packet(struct bench *b, int version, uint8_t ident, uint8_t seq)
{
	size_t header = version == 4 ? 20 : 40;

	memset(b->packet, 0, sizeof(b->packet));
	b->packet[0] = (uint8_t)(version << 4 | (version == 4 ? 5 : 0));
	if (version == 4)
		b->packet[5] = ident;
	b->packet[header + 7] = seq;
	b->packet[header + 12] = 0x50;
	b->packet[header + 13] = 0x10;
	b->l = (struct layers){
	    .ip = b->packet,
	    .ip_len = header + 20,
	    .ip_headers = header,
	    .protocol = IPPROTO_TCP,
	};
}

static void start(struct bench *b, int version, uint8_t ident)
{
	b->copies = packet_copies_new();
	set_packet(b, version, ident, 1);
}

static bool is_copy(struct bench *b, unsigned place, int64_t at)
{
	int64_t lag;

	b->l.place = (uint64_t)place << 16;
	return packet_copies_take(b->copies, &b->l, at, &lag);
}

static void the_second_place_shows_a_copy(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 4, 7);
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_true(is_copy(&b, WEST, NS_PER_S + 1000));
	assert_true(is_copy(&b, NORTH, NS_PER_S + 2000));
	set_packet(&b, 4, 8, 2);
	assert_false(is_copy(&b, WEST, NS_PER_S + 3000));
	assert_true(is_copy(&b, EAST, NS_PER_S + 4000));
	packet_copies_free(b.copies);
}

static void what_the_way_changes_makes_no_other_packet(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 4, 7);
	assert_false(is_copy(&b, EAST, NS_PER_S));
	b.packet[8] = 63;   /* TTL */
	b.packet[1] = 0x10; /* service class */
	b.packet[11] = 9;   /* header's check sum */
	b.packet[20 + 16] = 9;
	assert_true(is_copy(&b, WEST, NS_PER_S + 1000));
	packet_copies_free(b.copies);
}

/* IPv6 and no time stamps: nothing in the packets differs. */
static void a_retransmission_is_no_copy(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 6, 0);
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_true(is_copy(&b, WEST, NS_PER_S + 1000));
	assert_false(is_copy(&b, EAST, NS_PER_S + 80000));
	assert_true(is_copy(&b, WEST, NS_PER_S + 81000));
	packet_copies_free(b.copies);
}

static void the_same_place_shows_no_copies(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 4, 7);
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_false(is_copy(&b, EAST, NS_PER_S + 1000));
	packet_copies_free(b.copies);
}

static void after_a_second_it_is_another_packet(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 6, 0);
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_false(is_copy(&b, WEST, NS_PER_S * 2 + 1));
	packet_copies_free(b.copies);
}

/* Linux cooked v1: two interfaces look like one place, so what comes twice mostly is one packet. */
static void a_vague_place_learns_how_many_it_is(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 6, 0);
	for (uint8_t seq = 1; seq < 100; seq++) {
		int64_t at = seq * NS_PER_S;

		set_packet(&b, 6, 0, seq);
		b.l.vague = true;
		assert_false(is_copy(&b, EAST, at));
		assert_true(is_copy(&b, EAST, at + 30000));
		if (seq % 10)
			continue;
		assert_false(is_copy(&b, EAST, at + 80000)); /* sent again */
		assert_true(is_copy(&b, EAST, at + 110000));
	}
	packet_copies_free(b.copies);
}

static void a_vague_place_of_one_interface_shows_retransmissions(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 6, 0);
	for (uint8_t seq = 1; seq < 100; seq++) {
		set_packet(&b, 6, 0, seq);
		b.l.vague = true;
		assert_false(is_copy(&b, EAST, seq * NS_PER_S));
		if (seq % 10 == 0)
			assert_false(is_copy(&b, EAST, seq * NS_PER_S + 80000));
	}
	packet_copies_free(b.copies);
}

static void an_identification_tells_at_a_vague_place(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 4, 7);
	b.l.vague = true;
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_true(is_copy(&b, EAST, NS_PER_S + 30000));
	set_packet(&b, 4, 8, 1);
	b.l.vague = true;
	assert_false(is_copy(&b, EAST, NS_PER_S + 60000));
	packet_copies_free(b.copies);
}

static void a_cut_header_is_never_a_copy(void **state)
{
	struct bench b;

	(void)state;
	start(&b, 4, 7);
	b.l.ip_len = 39;
	assert_false(is_copy(&b, EAST, NS_PER_S));
	assert_false(is_copy(&b, WEST, NS_PER_S));
	packet_copies_free(b.copies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_second_place_shows_a_copy),
	    cmocka_unit_test(what_the_way_changes_makes_no_other_packet),
	    cmocka_unit_test(a_retransmission_is_no_copy),
	    cmocka_unit_test(the_same_place_shows_no_copies),
	    cmocka_unit_test(after_a_second_it_is_another_packet),
	    cmocka_unit_test(a_vague_place_learns_how_many_it_is),
	    cmocka_unit_test(a_vague_place_of_one_interface_shows_retransmissions),
	    cmocka_unit_test(an_identification_tells_at_a_vague_place),
	    cmocka_unit_test(a_cut_header_is_never_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
