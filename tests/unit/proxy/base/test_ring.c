/* test_ring.c - a ring gives back what it was given, in order, however it grew and turned.
 * LAYER: wedge_base */
#include "proxy/base/ring.h"

#include "proxy/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct item {
	uint64_t number;
	char rest[5];
};

static struct item *at(const struct ring *r, size_t i)
{
	return ring_at(r, i, sizeof(struct item));
}

static void add(struct ring *r, uint64_t number)
{
	struct item *it = ring_add(r, sizeof(*it));

	*it = (struct item){.number = number, .rest = "rest"};
}

static void items_come_out_in_their_order(void **state)
{
	struct ring r = {0};

	(void)state;
	for (uint64_t i = 0; i < 100; i++)
		add(&r, i);
	assert_int_equal(r.n, 100);
	for (uint64_t i = 0; i < 100; i++) {
		assert_int_equal(at(&r, 0)->number, i);
		assert_string_equal(at(&r, 0)->rest, "rest");
		ring_drop(&r, 1);
	}
	assert_int_equal(r.n, 0);
	ring_fini(&r);
}

static void order_holds_while_it_turns_and_grows(void **state)
{
	struct rng rng = rng_make(1, 1, 1);
	struct ring r = {0};
	uint64_t in = 0, out = 0;

	(void)state;
	for (int step = 0; step < 5000; step++) {
		if (rng_chance(&rng, 0.52))
			add(&r, in++);
		else if (r.n)
			ring_drop(&r, 1 + rng_below(&rng, r.n < 3 ? r.n : 3));
		out = in - r.n;
		for (size_t i = 0; i < r.n; i++)
			assert_int_equal(at(&r, i)->number, out + i);
	}
	assert_true(r.room > 16);
	ring_fini(&r);
}

static void emptied_ring_can_be_filled_again(void **state)
{
	struct ring r = {0};

	(void)state;
	ring_drop(&r, 0);
	add(&r, 1);
	ring_fini(&r);
	assert_int_equal(r.n, 0);
	add(&r, 2);
	assert_int_equal(at(&r, 0)->number, 2);
	ring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(items_come_out_in_their_order),
	    cmocka_unit_test(order_holds_while_it_turns_and_grows),
	    cmocka_unit_test(emptied_ring_can_be_filled_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
