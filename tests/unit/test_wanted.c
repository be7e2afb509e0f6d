/* test_wanted.c - where clients wanted to go is remembered until it is asked for once.
 * LAYER: wedge_packet */
#include "proxy/packet/wanted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct addr client(unsigned port)
{
	struct addr a;

	assert_int_equal(addr_parse_host("192.0.2.1", (uint16_t)port, &a, NULL), 0);
	return a;
}

/* One port is used towards several servers at once, and NAT then chooses another. */
static void is_told_once_by_its_sequence_number(void **state)
{
	struct addr to = client(80), got, from = client(40000), moved = client(40001);
	struct wanted w = {.next = 0};

	(void)state;
	wanted_note(&w, &from, 7, &to);
	assert_false(wanted_take(&w, &from, 8, &got));
	assert_int_equal(got.len, 0);
	assert_true(wanted_take(&w, &moved, 7, &got));
	assert_true(addr_equal(&got, &to));
	assert_false(wanted_take(&w, &from, 7, &got));
}

static void the_newest_counts_and_the_oldest_goes(void **state)
{
	struct addr first = client(1), second = client(2), from = client(40000), got;
	struct wanted w = {.next = 0};

	(void)state;
	wanted_note(&w, &from, 7, &first);
	wanted_note(&w, &from, 7, &second);
	assert_true(wanted_take(&w, &from, 7, &got));
	assert_int_equal(addr_port(&got), 2);
	for (unsigned i = 0; i < WANTED_MAX; i++) {
		struct addr other = client(1000 + i);

		wanted_note(&w, &other, 8, &first);
	}
	assert_false(wanted_take(&w, &from, 7, &got));
	assert_true(wanted_take(&w, &from, 8, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_told_once_by_its_sequence_number),
	    cmocka_unit_test(the_newest_counts_and_the_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
