/* test_tcp_view.c - TCP packets are read as they are, and nothing beyond their end.
 * LAYER: wedge_packet */
#include "proxy/packet/checksum.h"
#include "proxy/packet/tcp_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* From a real capture: Linux SYN, 192.0.2.1:37466 > 192.0.2.2:8080, MSS 1460, SACK permitted,
 * timestamps, window scale 7. */
static const uint8_t syn4[] = {
    0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0x9a, 0x74, 0xc0, 0x00, 0x02,
    0x01, 0xc0, 0x00, 0x02, 0x02, 0x92, 0x5a, 0x1f, 0x90, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
    0x00, 0x00, 0xa0, 0x02, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x05, 0xb4, 0x04,
    0x02, 0x08, 0x0a, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x07,
};

/* The bytes in a block of their own size, so that ASan sees a read beyond the end. */
static bool parse(struct tcp_view *v, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool ok;

	assert_non_null(copy);
	memcpy(copy, data, len);
	ok = tcp_view_parse(v, copy, len);
	free(copy);
	return ok;
}

static void syn_options_are_read(void **state)
{
	char text[ADDR_TEXT];
	struct tcp_view v;

	(void)state;
	assert_true(parse(&v, syn4, sizeof(syn4)));
	assert_int_equal(v.version, 4);
	assert_string_equal(addr_format(&v.src, text), "192.0.2.1:37466");
	assert_string_equal(addr_format(&v.dst, text), "192.0.2.2:8080");
	assert_int_equal(v.flags, TCP_SYN);
	assert_int_equal(v.seq, 0x12345678);
	assert_int_equal(v.window, 64240);
	assert_int_equal(v.mss, 1460);
	assert_int_equal(v.wscale, 7);
	assert_true(v.sack_permitted);
	assert_true(v.has_timestamp);
	assert_int_equal(v.tsval, 7);
	assert_int_equal(v.payload_len, 0);
	assert_int_equal(tcp_seq_len(&v), 1);
	assert_false(tcp_is_pure_ack(&v));
}

static void every_cut_is_survived(void **state)
{
	struct tcp_view v;

	(void)state;
	for (size_t len = 0; len < sizeof(syn4); len++)
		assert_int_equal(parse(&v, syn4, len), len >= 40);
	assert_true(parse(&v, syn4, 43)); /* the first option is cut: the header still counts */
	assert_int_equal(v.mss, 0);
	assert_int_equal(v.tcp_len, 40);
}

/* A snap length of 64 bytes leaves 50 behind Ethernet. */
static void a_cut_time_stamp_has_its_value(void **state)
{
	static const uint8_t data[52] = {0x45, 0, 0, 152, 0,  1, 0x40, 0,    64, 6, 0,	0, 192,
					 0,    2, 1, 192, 0,  2, 2,    0,    80, 0, 81, 0, 0,
					 0,    1, 0, 0,	  0,  2, 0x80, 0x10, 1,	 0, 0,	0, 0,
					 0,    1, 1, 8,	  10, 0, 0,    3,    1,	 0, 0,	4, 1};
	struct tcp_view v;

	(void)state;
	for (size_t len = 40; len <= sizeof(data); len++) {
		assert_true(tcp_view_parse_cut(&v, data, len, 152));
		assert_int_equal(v.has_tsval, len >= 48);
		assert_int_equal(v.tsval, len >= 48 ? 0x301 : 0);
		assert_int_equal(v.has_timestamp, len >= 52);
		assert_int_equal(v.tsecr, len >= 52 ? 0x401 : 0);
		assert_int_equal(v.payload_len, 100);
	}
}

static void every_broken_byte_is_survived(void **state)
{
	uint8_t data[sizeof(syn4)];
	struct tcp_view v;

	(void)state;
	for (size_t at = 0; at < sizeof(data); at++)
		for (unsigned value = 0; value < 256; value++) {
			memcpy(data, syn4, sizeof(data));
			data[at] = (uint8_t)value;
			if (parse(&v, data, sizeof(data)))
				assert_true(v.payload_len <= v.tcp_len && v.tcp_len <= v.ip_len);
		}
}

static void ip_options_are_skipped(void **state)
{
	uint8_t data[sizeof(syn4) + 4];
	struct tcp_view v;

	(void)state;
	memcpy(data, syn4, 20);
	data[0] = 0x46;
	data[3] += 4;
	memcpy(data + 20, "\x94\4\0\0", 4); /* router alert */
	memcpy(data + 24, syn4 + 20, sizeof(syn4) - 20);
	assert_true(parse(&v, data, sizeof(data)));
	assert_int_equal(addr_port(&v.dst), 8080);
	assert_int_equal(v.mss, 1460);
}

static void link_padding_is_no_payload(void **state)
{
	uint8_t data[sizeof(syn4) + 6] = {0};
	struct tcp_view v;

	(void)state;
	memcpy(data, syn4, sizeof(syn4));
	assert_true(parse(&v, data, sizeof(data)));
	assert_int_equal(v.payload_len, 0);
}

static void payload_length_is_the_headers_own(void **state)
{
	uint8_t data[sizeof(syn4)];
	struct tcp_view v;

	(void)state;
	memcpy(data, syn4, sizeof(syn4));
	data[2] = 5;
	data[3] = 0xc8; /* 1480 bytes, of which 60 were captured */
	data[33] = TCP_ACK;
	assert_true(parse(&v, data, sizeof(data)));
	assert_int_equal(v.payload_len, 1420);
	assert_false(tcp_is_pure_ack(&v));
}

static void later_fragments_and_other_protocols_are_refused(void **state)
{
	uint8_t data[sizeof(syn4)];
	struct tcp_view v;

	(void)state;
	memcpy(data, syn4, sizeof(syn4));
	data[7] = 1;
	assert_false(parse(&v, data, sizeof(data)));
	memcpy(data, syn4, sizeof(syn4));
	data[9] = IPPROTO_UDP;
	assert_false(parse(&v, data, sizeof(data)));
}

/* An IPv6 packet with these extension headers before syn4's TCP header. */
static size_t with_extensions(uint8_t *data, uint8_t first, const uint8_t *ext, size_t len)
{
	size_t tcp_len = sizeof(syn4) - 20;

	memset(data, 0, 40);
	data[0] = 0x60;
	data[5] = (uint8_t)(len + tcp_len);
	data[6] = first;
	data[23] = 1; /* ::1 to ::2 */
	data[39] = 2;
	memcpy(data + 40, ext, len);
	memcpy(data + 40 + len, syn4 + 20, tcp_len);
	return 40 + len + tcp_len;
}

static void ipv6_extension_headers_are_skipped(void **state)
{
	static const uint8_t ext[] = {
	    IPPROTO_DSTOPTS,  0, 1, 4,	0, 0, 0, 0,			    /* hop-by-hop */
	    IPPROTO_FRAGMENT, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 16 bytes */
	    IPPROTO_AH,	      0, 0, 0,	0, 0, 0, 1,			    /* atomic fragment */
	    IPPROTO_TCP,      4, 0, 0,	0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	char text[ADDR_TEXT];
	uint8_t data[256];
	struct tcp_view v;
	size_t len = with_extensions(data, IPPROTO_HOPOPTS, ext, sizeof(ext));

	(void)state;
	assert_true(parse(&v, data, len));
	assert_string_equal(addr_format(&v.src, text), "[::1]:37466");
	assert_int_equal(v.wscale, 7);
	assert_int_equal(v.tcp_len, 40);
	for (size_t cut = 0; cut < 40 + sizeof(ext) + 20; cut++)
		assert_false(parse(&v, data, cut));
	data[40 + 24 + 3] = 0x08; /* now a later fragment */
	assert_false(parse(&v, data, len));
}

static void extension_header_beyond_the_end_is_refused(void **state)
{
	static const uint8_t ext[] = {IPPROTO_TCP, 255, 0, 0, 0, 0, 0, 0};
	uint8_t data[256];
	size_t len = with_extensions(data, IPPROTO_DSTOPTS, ext, sizeof(ext));
	struct tcp_view v;

	(void)state;
	assert_false(parse(&v, data, len));
}

static void sack_blocks_are_read(void **state)
{
	uint8_t data[sizeof(syn4)];
	struct tcp_view v;

	(void)state;
	memcpy(data, syn4, sizeof(syn4));
	data[33] = TCP_ACK;
	memcpy(data + 40, "\1\1\5\22\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 20);
	assert_true(parse(&v, data, sizeof(data)));
	assert_int_equal(v.sack_blocks, 2);
	assert_int_equal(v.sack[1][0], 3);
	assert_int_equal(v.sack[1][1], 4);
	assert_true(tcp_is_pure_ack(&v));
}

static void sequence_numbers_compare_across_the_wrap(void **state)
{
	(void)state;
	assert_int_equal(seq_diff(5, 0xfffffffb), 10);
	assert_int_equal(seq_diff(0xfffffffb, 5), -10);
	assert_int_equal(seq_diff(7, 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(syn_options_are_read),
	    cmocka_unit_test(every_cut_is_survived),
	    cmocka_unit_test(a_cut_time_stamp_has_its_value),
	    cmocka_unit_test(every_broken_byte_is_survived),
	    cmocka_unit_test(ip_options_are_skipped),
	    cmocka_unit_test(link_padding_is_no_payload),
	    cmocka_unit_test(payload_length_is_the_headers_own),
	    cmocka_unit_test(later_fragments_and_other_protocols_are_refused),
	    cmocka_unit_test(ipv6_extension_headers_are_skipped),
	    cmocka_unit_test(extension_header_beyond_the_end_is_refused),
	    cmocka_unit_test(sack_blocks_are_read),
	    cmocka_unit_test(sequence_numbers_compare_across_the_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
