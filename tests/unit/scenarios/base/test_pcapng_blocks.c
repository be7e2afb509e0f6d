/* test_pcapng_blocks.c - captures are copied bit by bit with comments in them; broken ones refused.
 * LAYER: wedge_scenario_base */
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/base/pcapng_blocks.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint8_t bytes[] = "an Ethernet frame of odd length";

static struct pcapng_buf sample(void)
{
	struct pcapng_buf b = {0};

	pcapng_section(&b, "wedge", "a kernel", NULL);
	pcapng_interface(&b, PCAPNG_LINKTYPE_ETHERNET, 262144, "client0", "client leg");
	pcapng_packet(&b, 0, INT64_C(1700000000123456789), bytes, 31, 60, NULL);
	pcapng_packet(&b, 0, INT64_C(1700000000123456799), bytes, 28, 28, "said before");
	pcapng_statistics(&b, 0, INT64_C(1700000001000000000), 2, 0);
	return b;
}

static struct pcapng_buf copy(const struct pcapng_buf *in, uint32_t add, const char *comment)
{
	struct pcapng_walk w = {.data = in->data, .len = in->len};
	struct pcapng_buf out = {0};
	struct pcapng_block b;
	struct err e = {""};
	int got;

	while ((got = pcapng_next(&w, &b, &e)) == 1)
		pcapng_copy(&out, &b, add, b.kind == PCAPNG_PACKET ? comment : NULL);
	assert_int_equal(got, 0);
	return out;
}

static void a_copy_without_comments_is_the_same_but_for_the_section_length(void **state)
{
	struct pcapng_buf in = sample(), out = copy(&in, 0, NULL);

	(void)state;
	assert_int_equal(in.len, out.len);
	assert_memory_equal(in.data, out.data, in.len);
	in.data[16] = 7; /* a section length that comments would make wrong */
	free(out.data);
	out = copy(&in, 0, NULL);
	for (size_t i = 16; i < 24; i++)
		assert_int_equal(out.data[i], 0xff);
	free(in.data);
	free(out.data);
}

static void a_comment_is_what_the_encoder_would_have_written(void **state)
{
	struct pcapng_buf in = sample(), out = copy(&in, 0, "held"), want = {0};
	struct pcapng_walk w = {.data = out.data, .len = out.len};
	struct pcapng_block b;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pcapng_next(&w, &b, NULL), 1);
	pcapng_packet(&want, 0, INT64_C(1700000000123456789), bytes, 31, 60, "held");
	assert_int_equal(b.len, want.len);
	assert_memory_equal(b.bytes, want.data, want.len);
	free(in.data);
	free(out.data);
	free(want.data);
}

static void a_comment_stands_before_the_options_that_were_there(void **state)
{
	struct pcapng_buf in = sample(), out = copy(&in, 0, "held");
	struct pcapng_walk w = {.data = out.data, .len = out.len};
	struct pcapng_block b;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pcapng_next(&w, &b, NULL), 1);
	assert_int_equal(b.noptions, 2);
	assert_memory_equal(b.bytes + b.options + 4, "held", 4);
	assert_memory_equal(b.bytes + b.options + 12, "said before\0", 12);
	assert_int_equal(b.wall_ns, INT64_C(1700000000123456799));
	assert_int_equal(b.caplen, 28);
	assert_memory_equal(b.packet, bytes, 28);
	assert_int_equal(pcapng_next(&w, &b, NULL), 1);
	assert_int_equal(b.kind, PCAPNG_STATISTICS);
	assert_int_equal(pcapng_next(&w, &b, NULL), 0);
	free(in.data);
	free(out.data);
}

static void another_interface_number_is_the_only_change(void **state)
{
	struct pcapng_buf in = sample(), out = copy(&in, 1, NULL);
	size_t changed = 0;

	(void)state;
	assert_int_equal(in.len, out.len);
	for (size_t i = 0; i < in.len; i++)
		changed += in.data[i] != out.data[i];
	assert_int_equal(changed, 3); /* two packets, one statistics */
	free(in.data);
	free(out.data);
}

/* Takes the memory's exact size, so that a sanitizer sees a byte too far. */
static int walk(const uint8_t *data, size_t len, struct err *e)
{
	uint8_t *exact = xcalloc(1, len + !len);
	struct pcapng_walk w = {.data = exact, .len = len};
	struct pcapng_buf out = {0};
	struct pcapng_block b;
	int got;

	if (len)
		memcpy(exact, data, len);
	while ((got = pcapng_next(&w, &b, e)) == 1) {
		assert_true(b.len >= 12 && b.options <= b.len - 4);
		out.len = 0;
		pcapng_copy(&out, &b, 1, "text");
	}
	free(out.data);
	free(exact);
	return got;
}

static void a_capture_that_breaks_off_is_refused_at_every_byte(void **state)
{
	struct pcapng_buf in = sample();
	struct pcapng_walk w = {.data = in.data, .len = in.len};
	struct pcapng_block b;
	size_t block_ends = 0;

	(void)state;
	while (pcapng_next(&w, &b, NULL) == 1) {
		for (size_t len = w.at - b.len + (w.at == b.len ? 0 : 1); len < w.at; len++) {
			struct err e = {""};

			assert_int_equal(walk(in.data, len, &e), -1);
			assert_true(e.text[0]);
		}
		assert_int_equal(walk(in.data, w.at, NULL), 0);
		block_ends++;
	}
	assert_int_equal(block_ends, 5);
	free(in.data);
}

static void flipped_bits_are_survived(void **state)
{
	struct pcapng_buf in = sample();
	struct rng r = rng_make(7, 0, 0);
	size_t refused = 0;

	(void)state;
	for (size_t bit = 0; bit < 8 * in.len; bit++) {
		in.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		refused += walk(in.data, in.len, NULL) == -1;
		in.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(refused > 300);
	for (int i = 0; i < 20000; i++) {
		uint8_t *bad = xcalloc(1, in.len);

		memcpy(bad, in.data, in.len);
		for (int k = 0; k < 6; k++)
			bad[rng_below(&r, in.len)] = (uint8_t)rng_below(&r, 256);
		(void)!walk(bad, in.len, NULL);
		free(bad);
	}
	free(in.data);
}

static void expect_refused(const struct pcapng_buf *b, const char *words)
{
	struct err e = {""};

	assert_int_equal(walk(b->data, b->len, &e), -1);
	assert_string_equal(e.text, words);
}

static void what_would_be_copied_wrongly_is_refused(void **state)
{
	struct pcapng_buf b = {0};
	uint8_t *time_resolution;

	(void)state;
	expect_refused(&b, "it is no pcapng capture of this machine");
	b = sample();
	pcapng_section(&b, NULL, NULL, NULL);
	expect_refused(&b, "it has more than one section");
	free(b.data);
	b = sample();
	pcapng_interface(&b, PCAPNG_LINKTYPE_ETHERNET, 0, NULL, NULL);
	expect_refused(&b, "it has an interface behind packets");
	free(b.data);
	b = sample();
	pcapng_packet(&b, 1, 0, bytes, 4, 4, NULL);
	expect_refused(&b, "it has a packet of an unknown interface");
	free(b.data);
	b = sample();
	time_resolution = memmem(b.data, b.len, "\x09\0\x01\0\x09", 5);
	assert_non_null(time_resolution);
	time_resolution[4] = 6;
	expect_refused(&b, "it has time stamps that aren't in nanoseconds");
	free(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_without_comments_is_the_same_but_for_the_section_length),
	    cmocka_unit_test(a_comment_is_what_the_encoder_would_have_written),
	    cmocka_unit_test(a_comment_stands_before_the_options_that_were_there),
	    cmocka_unit_test(another_interface_number_is_the_only_change),
	    cmocka_unit_test(a_capture_that_breaks_off_is_refused_at_every_byte),
	    cmocka_unit_test(flipped_bits_are_survived),
	    cmocka_unit_test(what_would_be_copied_wrongly_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
