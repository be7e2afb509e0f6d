/* test_packet_pieces.c - what offload put together at one point and another point cut counts once;
 * what is sent again counts again.
 * LAYER: wedge_reader */
#include "scenarios/reader/packet_pieces.h"

#include "proxy/base/byteorder.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { EAST = 1, WEST = 2 };
#define MSS 1000

struct bench {
	struct packet_pieces *pieces;
	uint8_t packet[72];
	int version;
	int64_t at;
};

/* Makes a segment: len bytes from seq on, with a time stamp; of its payload nothing is captured. */
static struct layers segment(struct bench *b, unsigned place, uint32_t seq, uint32_t len,
			     uint16_t ident, uint32_t tsval)
{
	size_t header = b->version == 4 ? 20 : 40;
	uint8_t *tcp = b->packet + header;

	memset(b->packet, 0, sizeof(b->packet));
	b->packet[0] = (uint8_t)(b->version << 4 | 5);
	if (b->version == 4)
		put_be16(b->packet + 4, ident);
	put_be16(b->packet + (b->version == 4 ? 2 : 4),
		 (uint16_t)((b->version == 4 ? 20u : 0) + 32 + len));
	put_be32(tcp + 4, seq);
	tcp[12] = 0x80;
	put_be32(tcp + 20, 0x0101080a);
	put_be32(tcp + 24, tsval);
	b->at += 1000;
	return (struct layers){
	    .ip = b->packet,
	    .ip_len = header + 32,
	    .ip_headers = header,
	    .protocol = IPPROTO_TCP,
	    .place = (uint64_t)place << 16,
	};
}

/* Takes a segment as the reader does. true: it was shown before. */
static bool take(struct bench *b, unsigned place, uint32_t seq, uint32_t len, uint16_t ident,
		 uint32_t tsval)
{
	struct layers l = segment(b, place, seq, len, ident, tsval);
	int64_t lag;

	if (packet_pieces_shown(b->pieces, &l, b->at, &lag))
		return true;
	packet_pieces_note(b->pieces, &l, b->at);
	return false;
}

static struct bench start(int version)
{
	return (struct bench){.pieces = packet_pieces_new(), .version = version, .at = NS_PER_S};
}

static void pieces_of_a_segment_count_once(void **state)
{
	struct bench b = start(4);
	const uint32_t seq = 0xfffff000; /* wraps */

	(void)state;
	assert_false(take(&b, EAST, seq, 5 * MSS + 10, 100, 7));
	for (uint16_t i = 0; i < 5; i++)
		assert_true(take(&b, WEST, seq + i * MSS, MSS, (uint16_t)(100 + i), 7));
	assert_true(take(&b, WEST, seq + 5 * MSS, 10, 105, 7));
	assert_false(take(&b, WEST, seq + 5 * MSS + 10, MSS, 106, 7));
	packet_pieces_free(b.pieces);
}

static void what_is_put_together_later_counts_once(void **state)
{
	struct bench b = start(6);

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		assert_false(take(&b, EAST, i * MSS, MSS, 0, 7));
	assert_true(take(&b, WEST, 0, 5 * MSS, 0, 7));
	assert_false(take(&b, WEST, 4 * MSS, 2 * MSS, 0, 7)); /* a part is new */
	packet_pieces_free(b.pieces);
}

static void the_leading_point_shows_retransmissions(void **state)
{
	struct bench b = start(6);

	(void)state;
	assert_false(take(&b, EAST, 0, 5 * MSS, 0, 0));
	assert_true(take(&b, WEST, 0, MSS, 0, 0));
	assert_false(take(&b, EAST, 0, MSS, 0, 0));
	assert_true(take(&b, WEST, 0, MSS, 0, 0));
	packet_pieces_free(b.pieces);
}

/* Two links of a bundle: the second carries a segment again that the first carried before. */
static void another_identification_is_another_transmission(void **state)
{
	struct bench b = start(4);

	(void)state;
	assert_false(take(&b, EAST, 0, 5 * MSS, 100, 7));
	assert_false(take(&b, WEST, 0, MSS, 105, 7));
	packet_pieces_free(b.pieces);
}

static void another_time_stamp_is_another_transmission(void **state)
{
	struct bench b = start(6);

	(void)state;
	assert_false(take(&b, EAST, 0, 5 * MSS, 0, 7));
	assert_false(take(&b, WEST, 0, MSS, 0, 9));
	packet_pieces_free(b.pieces);
}

static void after_a_while_it_is_another_transmission(void **state)
{
	struct bench b = start(6);

	(void)state;
	assert_false(take(&b, EAST, 0, 5 * MSS, 0, 7));
	b.at += 200 * NS_PER_MS;
	assert_false(take(&b, WEST, 0, MSS, 0, 7));
	packet_pieces_free(b.pieces);
}

/* Lengths of 2 GiB, as only a broken file has them: the search has an end. */
static void endless_segments_end(void **state)
{
	struct bench b = start(4);
	int64_t lag;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		struct layers l = segment(&b, i % 2 ? EAST : WEST, i << 30, 0, 0, 7);

		put_be16(b.packet + 2, 0);
		l.ip_wire = (size_t)UINT32_MAX - i;
		if (!packet_pieces_shown(b.pieces, &l, b.at, &lag))
			packet_pieces_note(b.pieces, &l, b.at);
	}
	packet_pieces_free(b.pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_of_a_segment_count_once),
	    cmocka_unit_test(what_is_put_together_later_counts_once),
	    cmocka_unit_test(the_leading_point_shows_retransmissions),
	    cmocka_unit_test(another_identification_is_another_transmission),
	    cmocka_unit_test(another_time_stamp_is_another_transmission),
	    cmocka_unit_test(after_a_while_it_is_another_transmission),
	    cmocka_unit_test(endless_segments_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
