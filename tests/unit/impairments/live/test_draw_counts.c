/* test_draw_counts.c - what a session's random decisions are made from doesn't race.
 * LAYER: wedge_impairments */
#include "impairments/live/draw_counts.h"

#include "proxy/base/attrs.h"
#include "proxy/base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TRAFFICS    9
#define CONNECTIONS 200
#define PORT_FIRST  49152

static struct addr client(const char *address, uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse_host(address, port, &a, NULL), 0);
	return a;
}

static struct draw_identity lab(unsigned traffic)
{
	char name[16];

	snprintf(name, sizeof(name), "traffic%u", traffic);
	return (struct draw_identity){
	    .proxy = rng_part_seed(0, name), .by_client = true, .port_first = PORT_FIRST};
}

/* A permutation of all connections of all traffics. */
static void shuffle(unsigned *order, size_t n, uint64_t seed)
{
	struct rng rng = rng_make(seed, 0, 0);

	for (size_t i = 0; i < n; i++)
		order[i] = (unsigned)i;
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)rng_below(&rng, i);
		unsigned other = order[k];

		order[k] = order[i - 1];
		order[i - 1] = other;
	}
}

static void draw_all(uint64_t seed, uint64_t draw[TRAFFICS * CONNECTIONS])
{
	struct draw_counts counts = {0};
	unsigned order[TRAFFICS * CONNECTIONS];

	shuffle(order, ARRAY_LEN(order), seed);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct draw_identity id = lab(order[i] / CONNECTIONS);
		struct addr who =
		    client("192.0.2.2", (uint16_t)(PORT_FIRST + order[i] % CONNECTIONS));

		draw[order[i]] = draw_counts_next(&counts, &id, &who);
	}
	draw_counts_fini(&counts);
}

static void eight_siblings_and_200_connections_may_come_in_any_order(void **state)
{
	static uint64_t first[TRAFFICS * CONNECTIONS], other[TRAFFICS * CONNECTIONS];

	(void)state;
	draw_all(1, first);
	for (uint64_t seed = 2; seed < 12; seed++) {
		draw_all(seed, other);
		assert_memory_equal(first, other, sizeof(first));
	}
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		for (size_t j = 0; j < i; j++)
			assert_true(first[i] != first[j]);
}

/* Ports of the kernel's choice say nothing; another client's connections don't count. */
static void other_clients_dont_shift_a_clients_order(void **state)
{
	struct draw_identity id = {.proxy = 5, .by_client = true, .port_first = PORT_FIRST};
	struct draw_counts a = {0}, b = {0};
	struct addr one = client("192.0.2.2", 40000), same = client("192.0.2.2", 33333);
	struct addr two = client("192.0.2.3", 40000), mapped = client("::ffff:192.0.2.2", 40001);
	uint64_t first = draw_counts_next(&a, &id, &one), second = draw_counts_next(&a, &id, &one);

	(void)state;
	assert_true(first != second);
	draw_counts_next(&b, &id, &two);
	assert_true(draw_counts_next(&b, &id, &same) == first);
	draw_counts_next(&b, &id, &two);
	assert_true(draw_counts_next(&b, &id, &mapped) == second);
	draw_counts_fini(&a);
	draw_counts_fini(&b);
}

/* The command of wedge exec has the host's addresses, which differ from host to host. */
static void without_clients_the_order_alone_counts(void **state)
{
	struct draw_identity id = {.proxy = 5};
	struct draw_counts a = {0}, b = {0};
	struct addr here = client("192.0.2.2", 50000), there = client("2001:db8::7", 60000);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(draw_counts_next(&a, &id, &here) == draw_counts_next(&b, &id, &there));
	draw_counts_fini(&a);
	draw_counts_fini(&b);
}

static void a_port_that_is_used_again_is_another_session(void **state)
{
	struct draw_identity id = lab(0);
	struct draw_counts c = {0};
	struct addr who = client("192.0.2.2", PORT_FIRST);
	uint64_t first = draw_counts_next(&c, &id, &who);

	(void)state;
	assert_true(draw_counts_next(&c, &id, &who) != first);
	draw_counts_fini(&c);
}

static void memory_is_bounded(void **state)
{
	struct draw_identity id = {.by_client = true};
	struct draw_counts c = {0};
	char text[ADDR_TEXT];
	struct addr who;

	(void)state;
	for (unsigned i = 0; i < 2 * DRAW_CLIENTS_MAX; i++) {
		snprintf(text, sizeof(text), "2001:db8::%x:%x", i >> 16, i & 0xffff);
		who = client(text, 40000);
		draw_counts_next(&c, &id, &who);
	}
	assert_int_equal(c.n, DRAW_CLIENTS_MAX);
	assert_true(c.room <= 2 * DRAW_CLIENTS_MAX);
	assert_int_equal(c.others, DRAW_CLIENTS_MAX);
	draw_counts_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(eight_siblings_and_200_connections_may_come_in_any_order),
	    cmocka_unit_test(other_clients_dont_shift_a_clients_order),
	    cmocka_unit_test(without_clients_the_order_alone_counts),
	    cmocka_unit_test(a_port_that_is_used_again_is_another_session),
	    cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
