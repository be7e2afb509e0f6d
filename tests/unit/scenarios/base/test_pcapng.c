/* test_pcapng.c - blocks have the draft's layout: types, lengths on both sides, padded options.
 * LAYER: wedge_scenario_base */
#include "scenarios/base/pcapng.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Checks that the buffer is whole blocks and returns the one at index. */
static const uint8_t *block(const struct pcapng_buf *b, unsigned index)
{
	const uint8_t *found = NULL;
	size_t at = 0;

	for (unsigned i = 0; at < b->len; i++) {
		uint32_t total = u32(b->data + at + 4);

		assert_int_equal(total % 4, 0);
		assert_true(total >= 12 && total <= b->len - at);
		assert_int_equal(u32(b->data + at + total - 4), total);
		if (i == index)
			found = b->data + at;
		at += total;
	}
	assert_int_equal(at, b->len);
	assert_non_null(found);
	return found;
}

/* The option of that code behind a block's fixed part, with its length. */
static const uint8_t *option(const uint8_t *blk, size_t fixed, uint16_t code, uint16_t *len)
{
	const uint8_t *p = blk + fixed, *end = blk + u32(blk + 4) - 4;

	while (p < end && u16(p) != 0) {
		*len = u16(p + 2);
		if (u16(p) == code)
			return p + 4;
		p += 4 + (*len + 3) / 4 * 4;
	}
	return NULL;
}

static void a_section_names_its_byte_order_and_maker(void **state)
{
	struct pcapng_buf b = {0};
	const uint8_t *s;
	uint16_t len;

	(void)state;
	pcapng_section(&b, "wedge 0.1.0", NULL, NULL);
	s = block(&b, 0);
	assert_int_equal(u32(s), 0x0a0d0d0a);
	assert_int_equal(u32(s + 8), 0x1a2b3c4d);
	assert_int_equal(u16(s + 12), 1);
	assert_memory_equal(option(s, 24, 4, &len), "wedge 0.1.0", 11);
	assert_int_equal(len, 11);
	assert_null(option(s, 24, 3, &len));
	free(b.data);
}

static void an_interface_counts_in_nanoseconds(void **state)
{
	struct pcapng_buf b = {0};
	const uint8_t *i;
	uint16_t len;

	(void)state;
	pcapng_interface(&b, PCAPNG_LINKTYPE_ETHERNET, 65535, "veth0", "the client's leg");
	i = block(&b, 0);
	assert_int_equal(u32(i), 1);
	assert_int_equal(u16(i + 8), 1);
	assert_int_equal(u32(i + 12), 65535);
	assert_memory_equal(option(i, 16, 2, &len), "veth0", 5);
	assert_memory_equal(option(i, 16, 3, &len), "the client's leg", 16);
	assert_int_equal(*option(i, 16, 9, &len), 9);
	assert_int_equal(len, 1);
	free(b.data);
}

static void packets_of_every_length_stay_aligned(void **state)
{
	const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct pcapng_buf b = {0};
	uint16_t len;

	(void)state;
	for (uint32_t n = 0; n <= sizeof(data); n++)
		pcapng_packet(&b, 1, INT64_C(0x123456789abcdef0), data, n, 1000 + n,
			      n % 2 ? "why" : NULL);
	for (uint32_t n = 0; n <= sizeof(data); n++) {
		const uint8_t *p = block(&b, n);
		size_t fixed = 28 + (n + 3) / 4 * 4;

		assert_int_equal(u32(p), 6);
		assert_int_equal(u32(p + 8), 1);
		assert_int_equal(u32(p + 12), 0x12345678);
		assert_int_equal(u32(p + 16), 0x9abcdef0);
		assert_int_equal(u32(p + 20), n);
		assert_int_equal(u32(p + 24), 1000 + n);
		assert_memory_equal(p + 28, data, n);
		if (n % 2)
			assert_memory_equal(option(p, fixed, 1, &len), "why", 3);
		else
			assert_int_equal(u32(p + 4), fixed + 4);
	}
	free(b.data);
}

static void an_endless_comment_is_cut(void **state)
{
	struct pcapng_buf b = {0};
	char *comment = malloc(100000);
	uint16_t len = 0;

	(void)state;
	assert_non_null(comment);
	memset(comment, 'a', 99999);
	comment[99999] = '\0';
	pcapng_packet(&b, 0, 0, NULL, 0, 0, comment);
	assert_non_null(option(block(&b, 0), 28, 1, &len));
	assert_int_equal(len, 65535);
	free(comment);
	free(b.data);
}

static void statistics_count_received_and_dropped(void **state)
{
	struct pcapng_buf b = {0};
	const uint8_t *s;
	uint16_t len;
	uint64_t n;

	(void)state;
	pcapng_statistics(&b, 2, 5, UINT64_C(1) << 40, 7);
	s = block(&b, 0);
	assert_int_equal(u32(s), 5);
	assert_int_equal(u32(s + 8), 2);
	memcpy(&n, option(s, 20, 4, &len), sizeof(n));
	assert_true(n == UINT64_C(1) << 40);
	memcpy(&n, option(s, 20, 5, &len), sizeof(n));
	assert_true(n == 7);
	assert_int_equal(len, 8);
	free(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_section_names_its_byte_order_and_maker),
	    cmocka_unit_test(an_interface_counts_in_nanoseconds),
	    cmocka_unit_test(packets_of_every_length_stay_aligned),
	    cmocka_unit_test(an_endless_comment_is_cut),
	    cmocka_unit_test(statistics_count_received_and_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
