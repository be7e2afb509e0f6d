/* test_sequence.c - the sequence space: wrap-around, holes, repetitions, bounds.
 * LAYER: wedge_analysis */
#include "scenarios/analysis/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void numbers_wrap_without_a_jump(void **state)
{
	struct seq_space s = {0};
	uint64_t first;

	(void)state;
	seq_space_start(&s, 0xfffffff0);
	first = s.next;
	assert_int_equal(seq_space_add(&s, first, first + 0x20), 0x20);
	assert_int_equal(seq_unwrap(&s, 0x10), first + 0x20);
	assert_int_equal(seq_unwrap(&s, 0xfffffff0), first);
	seq_space_fini(&s);
}

static void a_byte_is_new_once(void **state)
{
	struct seq_space s = {0};
	uint64_t b;

	(void)state;
	seq_space_start(&s, 0);
	b = s.next;
	assert_int_equal(seq_space_add(&s, b, b + 100), 100);
	assert_int_equal(seq_space_add(&s, b, b + 100), 0);
	assert_int_equal(seq_space_add(&s, b + 50, b + 150), 50);
	assert_int_equal(s.edge, b + 150);
	seq_space_fini(&s);
}

static void holes_are_filled_in_any_order(void **state)
{
	struct seq_space s = {0};
	uint64_t b;

	(void)state;
	seq_space_start(&s, 7);
	b = s.next;
	assert_int_equal(seq_space_add(&s, b + 100, b + 200), 100);
	assert_int_equal(seq_space_add(&s, b + 300, b + 400), 100);
	assert_int_equal(s.nislands, 2);
	assert_int_equal(s.edge, b);
	assert_int_equal(seq_space_add(&s, b + 150, b + 350), 100);
	assert_int_equal(s.nislands, 1);
	assert_int_equal(seq_space_add(&s, b + 120, b + 130), 0);
	assert_int_equal(seq_space_add(&s, b, b + 500), 200);
	assert_int_equal(s.nislands, 0);
	assert_int_equal(s.edge, b + 500);
	seq_space_fini(&s);
}

static void skipping_tells_what_was_missing(void **state)
{
	struct seq_space s = {0};
	uint64_t b;

	(void)state;
	seq_space_start(&s, 7);
	b = s.next;
	seq_space_add(&s, b + 100, b + 200);
	seq_space_add(&s, b + 300, b + 400);
	assert_int_equal(seq_space_skip(&s, b + 350), 200);
	assert_int_equal(s.edge, b + 400);
	assert_int_equal(seq_space_skip(&s, b + 400), 0);
	assert_int_equal(seq_space_skip(&s, b + 410), 10);
	assert_int_equal(s.next, b + 410);
	seq_space_fini(&s);
}

static void endless_holes_stay_bounded(void **state)
{
	struct seq_space s = {0};
	uint64_t b;

	(void)state;
	seq_space_start(&s, 0);
	b = s.next;
	for (uint64_t i = 1; i < 10 * SEQ_ISLANDS_MAX; i++)
		assert_int_equal(seq_space_add(&s, b + 10 * i, b + 10 * i + 5), 5);
	assert_true(s.overflow);
	assert_in_range(s.nislands, 1, SEQ_ISLANDS_MAX);
	seq_space_fini(&s);
}

/* Against the plainest possible model: one flag per byte. */
static void agrees_with_a_flag_per_byte(void **state)
{
	bool seen[512] = {false};
	struct seq_space s = {0};
	uint32_t random = 1;
	uint64_t b;

	(void)state;
	seq_space_start(&s, 0xffffff00);
	b = s.next;
	for (int i = 0; i < 300; i++) {
		uint64_t from, to, fresh = 0;

		random = random * 1664525 + 1013904223;
		from = random >> 23;
		to = from + (random >> 8) % 17;
		if (to > 512)
			to = 512;
		for (uint64_t k = from; k < to; k++) {
			fresh += !seen[k];
			seen[k] = true;
		}
		assert_int_equal(seq_space_add(&s, b + from, b + to), fresh);
		for (size_t k = 1; k < s.nislands; k++)
			assert_true(s.islands[k - 1].to < s.islands[k].from);
	}
	seq_space_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_wrap_without_a_jump),
	    cmocka_unit_test(a_byte_is_new_once),
	    cmocka_unit_test(holes_are_filled_in_any_order),
	    cmocka_unit_test(skipping_tells_what_was_missing),
	    cmocka_unit_test(endless_holes_stay_bounded),
	    cmocka_unit_test(agrees_with_a_flag_per_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
