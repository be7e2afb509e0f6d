/* test_line_ring.c - lines come out as they were put, wherever the ring turns, or not at all.
 * LAYER: wedge_base */
#include "proxy/base/line_ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct line_ring *new_ring(void)
{
	struct line_ring *r;
	struct err e;

	r = line_ring_new(1, &e); /* a page */
	assert_non_null(r);
	return r;
}

static void a_line_is_in_one_piece_where_the_ring_turns(void **state)
{
	struct line_ring *r = new_ring();
	char line[64];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int len = snprintf(line, sizeof(line), "line %d of uneven length\n", i);
		const char *data;

		assert_true(line_ring_put(r, line, (size_t)len));
		assert_int_equal(line_ring_look(r, &data), len);
		assert_memory_equal(data, line, (size_t)len);
		line_ring_take(r, (size_t)len);
	}
	line_ring_free(r);
}

static void what_finds_no_room_is_not_there_at_all(void **state)
{
	struct line_ring *r = new_ring();
	char line[101];
	const char *data;
	size_t n = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[100] = '\n';
	while (line_ring_put(r, line, sizeof(line)))
		n++;
	assert_int_equal(n, r->room / sizeof(line));
	assert_int_equal(line_ring_look(r, &data), n * sizeof(line));
	assert_int_equal(line_ring_count(data, n * sizeof(line)), n);
	line_ring_take(r, sizeof(line));
	assert_true(line_ring_put(r, line, sizeof(line)));
	assert_false(line_ring_put(r, line, sizeof(line)));
	line_ring_free(r);
}

static void losses_add_up(void **state)
{
	struct line_ring *r = new_ring();

	(void)state;
	line_ring_lose(r, 2, 28);
	line_ring_lose(r, 3, 0);
	assert_int_equal(atomic_load(&r->lost), 5);
	assert_int_equal(atomic_load(&r->why), 0);
	line_ring_free(r);
}

static void newlines_are_counted(void **state)
{
	(void)state;
	assert_int_equal(line_ring_count("", 0), 0);
	assert_int_equal(line_ring_count("a\nb\n\nc", 6), 3);
	assert_int_equal(line_ring_count("\n", 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_in_one_piece_where_the_ring_turns),
	    cmocka_unit_test(what_finds_no_room_is_not_there_at_all),
	    cmocka_unit_test(losses_add_up),
	    cmocka_unit_test(newlines_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
