/* test_checksum.c - checksums agree with the RFC's example and with packets of real stacks.
 * LAYER: wedge_packet */
#include "proxy/packet/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Sent by Linux 6.18 with a payload of 3 bytes; tshark finds its checksums good. */
static const uint8_t real4[] = {
    0x45, 0x00, 0x00, 0x37, 0xc3, 0x03, 0x40, 0x00, 0x40, 0x06, 0xf3, 0xb9, 0xc0, 0x00,
    0x02, 0x01, 0xc0, 0x00, 0x02, 0x02, 0x8e, 0xc2, 0x23, 0x28, 0x39, 0xba, 0x7d, 0x6e,
    0x98, 0x90, 0xaa, 0x41, 0x80, 0x18, 0x00, 0x3f, 0xd0, 0xcd, 0x00, 0x00, 0x01, 0x01,
    0x08, 0x0a, 0xbe, 0x55, 0xbb, 0xa5, 0xc7, 0xf4, 0x60, 0x67, 0x6f, 0x64, 0x64,
};

/* Sent by Linux 6.18 with a payload of 3 bytes; tshark finds its checksums good. */
static const uint8_t real6[] = {
    0x60, 0x0f, 0x14, 0xde, 0x00, 0x23, 0x06, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xea, 0x30, 0x23, 0x28, 0x1f,
    0x0a, 0x1f, 0x7b, 0x1c, 0x89, 0xbc, 0x4c, 0x80, 0x18, 0x00, 0x40, 0x90, 0x19, 0x00, 0x00,
    0x01, 0x01, 0x08, 0x0a, 0x25, 0xf9, 0x5b, 0xac, 0x6e, 0xf8, 0xa2, 0x2d, 0x6f, 0x64, 0x64,
};

static void example_of_rfc_1071_adds_up(void **state)
{
	static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(checksum_end(checksum_add(0, data, sizeof(data))), 0xffff & ~0xddf2);
}

static void odd_length_is_padded_with_zero(void **state)
{
	static const uint8_t odd[] = {0x12, 0x34, 0x56}, even[] = {0x12, 0x34, 0x56, 0x00};

	(void)state;
	assert_int_equal(checksum_add(0, odd, 3), checksum_add(0, even, 4));
}

static void check_packet(const uint8_t *packet, size_t len)
{
	uint8_t data[256];
	struct tcp_view v;
	size_t tcp;

	assert_true(len <= sizeof(data));
	memcpy(data, packet, len);
	assert_true(tcp_view_parse(&v, data, len));
	assert_true(checksum_tcp_ok(&v));
	tcp = (size_t)(v.tcp - data);
	memset(data + tcp + 16, 0xaa, 2);
	if (v.version == 4)
		memset(data + 10, 0xaa, 2);
	assert_false(checksum_tcp_ok(&v));
	checksum_write(&v, data);
	assert_memory_equal(data, packet, len);
	data[len - 1] ^= 1;
	assert_false(checksum_tcp_ok(&v));
}

static void ipv4_packet_of_a_real_stack_is_reproduced(void **state)
{
	(void)state;
	check_packet(real4, sizeof(real4));
}

static void ipv6_packet_of_a_real_stack_is_reproduced(void **state)
{
	(void)state;
	check_packet(real6, sizeof(real6));
}

/* Lets a packet's checksum take every value in turn, by two bytes of its payload, and compares what
 * is mended with what is made. */
static void check_patches(const uint8_t *packet, size_t len, size_t at, const uint8_t *to, size_t n)
{
	uint8_t data[256], made[256];
	bool seen[65536] = {false};
	struct tcp_view v;
	size_t tcp;

	memcpy(data, packet, len);
	assert_true(tcp_view_parse(&v, data, len));
	tcp = (size_t)(v.tcp - data);
	for (unsigned word = 0; word < 65536; word++) {
		memcpy(data, packet, len);
		data[tcp + 4] = (uint8_t)(word >> 8); /* of the sequence number */
		data[tcp + 5] = (uint8_t)word;
		checksum_write(&v, data);
		seen[data[tcp + 16] << 8 | data[tcp + 17]] = true;
		memcpy(made, data, len);
		memcpy(made + at, to, n);
		assert_true(tcp_view_parse(&v, made, len));
		checksum_write(&v, made);
		assert_true(tcp_view_parse(&v, data, len));
		checksum_patch(&v, data, at, to, n);
		assert_memory_equal(data, made, len);
	}
	for (unsigned sum = 0; sum < 65535; sum++)
		assert_true(seen[sum]); /* 0x0000 among them */
	assert_false(seen[0xffff]);
}

static void mended_is_as_made_for_every_sum(void **state)
{
	static const uint8_t to[][4] = {
	    {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0xbe, 0x55, 0xbc, 0x6d}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		check_patches(real4, sizeof(real4), 20 + 24, to[i], 4); /* TSval */
		check_patches(real4, sizeof(real4), 20 + 23, to[i], 4); /* at an odd place */
		check_patches(real4, sizeof(real4), 4, to[i], 2);	/* IP ID */
		check_patches(real4, sizeof(real4), 8, to[i], 1);	/* TTL, an odd length */
		check_patches(real6, sizeof(real6), 40 + 28, to[i], 4); /* TSecr */
	}
}

static void ipv4_header_is_mended_for_every_sum(void **state)
{
	uint8_t data[sizeof(real4)], made[sizeof(real4)];
	struct tcp_view v, w;

	(void)state;
	memcpy(data, real4, sizeof(data));
	memcpy(made, real4, sizeof(made));
	assert_true(tcp_view_parse(&v, data, sizeof(data)));
	assert_true(tcp_view_parse(&w, made, sizeof(made)));
	for (unsigned id = 0; id < 2 * 65536; id++) { /* each from the one before */
		const uint8_t to[] = {(uint8_t)(id >> 8), (uint8_t)id};

		checksum_patch(&v, data, 4, to, 2);
		memcpy(made + 4, to, 2);
		checksum_write(&w, made);
		assert_memory_equal(data, made, sizeof(data));
	}
}

static void wrong_stays_wrong(void **state)
{
	static const uint8_t to[] = {1, 2, 3, 4};
	uint8_t data[sizeof(real4)];
	struct tcp_view v;

	(void)state;
	memcpy(data, real4, sizeof(data));
	data[20 + 16] ^= 0x10;
	assert_true(tcp_view_parse(&v, data, sizeof(data)));
	checksum_patch(&v, data, 20 + 24, to, 4);
	assert_false(checksum_tcp_ok(&v));
}

static void linux_form_of_0_is_mended_to_0(void **state)
{
	static const uint8_t ff[] = {0xff, 0xff}, zero[] = {0, 0};

	(void)state;
	/* What was summed is all zeros, but for the checksum: the corner of equation 3. */
	assert_int_equal(checksum_replace(0xffff, ff, zero, 2, false), 0);
	assert_int_equal(checksum_replace(0xffff, ff, ff, 2, false), 0);
	assert_int_equal(checksum_replace(0xffff, zero, zero, 2, true), 0);
	for (unsigned sum = 0; sum < 65536; sum++)
		assert_int_not_equal(checksum_replace((uint16_t)sum, ff, zero, 2, false), 0xffff);
}

static void mangled_checksum_is_normalized(void **state)
{
	uint8_t data[sizeof(real4)];
	struct tcp_view v;

	(void)state;
	memcpy(data, real4, sizeof(data));
	assert_true(tcp_view_parse(&v, data, sizeof(data)));
	assert_false(checksum_normalize(&v, data));
	assert_memory_equal(data, real4, sizeof(data));
	memset(data + 20 + 16, 0xff, 2);
	assert_true(checksum_normalize(&v, data));
	assert_int_equal(data[20 + 16] | data[20 + 17], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(example_of_rfc_1071_adds_up),
	    cmocka_unit_test(odd_length_is_padded_with_zero),
	    cmocka_unit_test(ipv4_packet_of_a_real_stack_is_reproduced),
	    cmocka_unit_test(ipv6_packet_of_a_real_stack_is_reproduced),
	    cmocka_unit_test(mended_is_as_made_for_every_sum),
	    cmocka_unit_test(ipv4_header_is_mended_for_every_sum),
	    cmocka_unit_test(wrong_stays_wrong),
	    cmocka_unit_test(linux_form_of_0_is_mended_to_0),
	    cmocka_unit_test(mangled_checksum_is_normalized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
