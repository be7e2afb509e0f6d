/* test_splice_choice.c - large pieces in a row go over to a pipe, small ones back to copying.
 * LAYER: wedge_flow */
#include "proxy/stream/flow/splice_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void note(struct splice_choice *c, unsigned times, size_t bytes)
{
	while (times--)
		splice_choice_note(c, bytes);
}

static void the_first_bytes_are_copied(void **state)
{
	struct splice_choice c = {0};

	(void)state;
	assert_false(c.on);
	note(&c, 1, 1 << 20);
	assert_false(c.on);
}

static void large_pieces_in_a_row_are_spliced(void **state)
{
	struct splice_choice c = {0};

	(void)state;
	note(&c, SPLICE_AFTER, SPLICE_LARGE);
	assert_true(c.on);
}

static void a_small_piece_between_large_ones_begins_the_row_anew(void **state)
{
	struct splice_choice c = {0};

	(void)state;
	for (int i = 0; i < 10; i++) {
		note(&c, SPLICE_AFTER - 1, SPLICE_LARGE);
		note(&c, 1, SPLICE_LARGE - 1);
	}
	assert_false(c.on);
}

static void one_small_piece_keeps_the_pipe_and_a_row_of_them_leaves_it(void **state)
{
	struct splice_choice c = {0};

	(void)state;
	note(&c, SPLICE_AFTER, SPLICE_LARGE);
	for (int i = 0; i < 10; i++) {
		note(&c, SPLICE_AFTER - 1, SPLICE_SMALL - 1);
		note(&c, 1, SPLICE_SMALL); /* neither large nor small: nothing changes */
	}
	assert_true(c.on);
	note(&c, SPLICE_AFTER, 1);
	assert_false(c.on);
	note(&c, SPLICE_AFTER, SPLICE_LARGE);
	assert_true(c.on);
}

static void without_a_pipe_it_begins_anew(void **state)
{
	struct splice_choice c = {0};

	(void)state;
	note(&c, SPLICE_AFTER, SPLICE_LARGE);
	splice_choice_reset(&c);
	assert_false(c.on);
	note(&c, SPLICE_AFTER - 1, SPLICE_LARGE);
	assert_false(c.on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_bytes_are_copied),
	    cmocka_unit_test(large_pieces_in_a_row_are_spliced),
	    cmocka_unit_test(a_small_piece_between_large_ones_begins_the_row_anew),
	    cmocka_unit_test(one_small_piece_keeps_the_pipe_and_a_row_of_them_leaves_it),
	    cmocka_unit_test(without_a_pipe_it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
