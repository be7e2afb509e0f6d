/* test_rng.c - decisions are a pure function of where they stand, and look like chance.
 * LAYER: wedge_base */
#include "proxy/base/rng.h"

#include "proxy/base/attrs.h"

#include <math.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void decision_k_depends_on_nothing_but_its_place(void **state)
{
	struct rng a = rng_make(7, 3, 11), b = rng_make(7, 3, 11);
	uint64_t first[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		first[i] = rng_next(&a);
	b.k = 5; /* taken out of order */
	assert_true(rng_next(&b) == first[5]);
	assert_true(rng_next(&b) == first[6]);
	b.k = 0;
	assert_true(rng_next(&b) == first[0]);
}

/* Reproducible over versions and machines: a report's seed must mean the same next year. The
 * numbers were worked out by an independent program (Python's integers). */
static void the_sequence_is_pinned(void **state)
{
	struct rng zero = rng_make(0, 0, 0), r = rng_make(42, 1, 2);

	(void)state;
	assert_true(rng_next(&zero) == UINT64_C(0x2130748aaac80268));
	assert_true(rng_next(&zero) == UINT64_C(0x2a4f111b3be57715));
	assert_true(rng_next(&r) == UINT64_C(0x7a267b592812b8d2));
	assert_true(rng_next(&r) == UINT64_C(0xa6ee2851d8be215c));
}

/* Pinned as the sequence is. */
static void parts_of_a_seed_are_pinned(void **state)
{
	(void)state;
	assert_true(rng_part_seed(42, "impaired") == UINT64_C(0x505ab1273341e9e6));
	assert_true(rng_part_seed(42, "impaired@20ms") == UINT64_C(0x6357f4a734ce9c43));
	assert_true(rng_part_seed(43, "impaired") == UINT64_C(0x3ed85a1c16289846));
	assert_true(rng_part_seed(0, "") == UINT64_C(0xa706dd2f4d197e6f));
}

static void every_word_of_the_place_counts(void **state)
{
	struct rng r[] = {rng_make(1, 2, 3), rng_make(2, 1, 3), rng_make(1, 3, 2),
			  rng_make(3, 2, 1), rng_make(1, 2, 4), rng_make(1, 4, 3),
			  rng_make(4, 2, 3)};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(r); i++)
		for (size_t j = i + 1; j < ARRAY_LEN(r); j++) {
			struct rng a = r[i], b = r[j];

			assert_true(rng_next(&a) != rng_next(&b));
		}
}

static double chi_square(const unsigned *count, size_t cells, double expected)
{
	double sum = 0;

	for (size_t i = 0; i < cells; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return sum;
}

/* 255 degrees of freedom: mean 255, standard deviation 22.6; 5 of them either way. */
static void along_each_word_the_values_are_spread_evenly(void **state)
{
	enum { CELLS = 256, N = 256 * 400 };

	(void)state;
	for (int word = 0; word < 4; word++) {
		unsigned high[CELLS] = {0}, low[CELLS] = {0};

		for (uint64_t i = 0; i < N; i++) {
			struct rng r =
			    rng_make(word == 0 ? i : 1, word == 1 ? i : 1, word == 2 ? i : 1);
			uint64_t x;

			r.k = word == 3 ? i : 1;
			x = rng_next(&r);
			high[x >> 56]++;
			low[x & 0xff]++;
		}
		assert_true(fabs(chi_square(high, CELLS, 400) - 255) < 5 * 22.6);
		assert_true(fabs(chi_square(low, CELLS, 400) - 255) < 5 * 22.6);
	}
}

static void below_n_every_value_comes_and_none_other(void **state)
{
	struct rng r = rng_make(1, 1, 1);
	unsigned count[10] = {0};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t v = rng_below(&r, 10);

		assert_true(v < 10);
		count[v]++;
	}
	assert_true(chi_square(count, 10, 1000) < 35); /* 9 degrees: p = 0.0001 is 33.7 */
	assert_int_equal(rng_below(&r, 1), 0);
}

static void chance_takes_one_decision_also_when_it_is_certain(void **state)
{
	struct rng r = rng_make(1, 1, 1);
	int yes = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(rng_chance(&r, 0));
	for (int i = 0; i < 1000; i++)
		assert_true(rng_chance(&r, 1));
	for (int i = 0; i < 10000; i++)
		yes += rng_chance(&r, 0.05);
	assert_int_equal(r.k, 12000);
	assert_in_range(yes, 400, 600); /* 500, 4.6 standard deviations */
}

static void the_distributions_have_their_means(void **state)
{
	enum { N = 100000 };
	struct rng r = rng_make(9, 9, 9);
	double exponential = 0, normal = 0, squares = 0, pareto = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		double u = rng_unit(&r), n = rng_normal(&r), p = rng_pareto(&r, 3);

		assert_true(u >= 0 && u < 1);
		assert_true(p >= 1);
		exponential += rng_exponential(&r, 5) / N;
		normal += n / N;
		squares += n * n / N;
		pareto += p / N;
	}
	assert_true(fabs(exponential - 5) < 0.1);
	assert_true(fabs(normal) < 0.02);
	assert_true(fabs(squares - 1) < 0.03);
	assert_true(fabs(pareto - 1.5) < 0.03);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decision_k_depends_on_nothing_but_its_place),
	    cmocka_unit_test(the_sequence_is_pinned),
	    cmocka_unit_test(parts_of_a_seed_are_pinned),
	    cmocka_unit_test(every_word_of_the_place_counts),
	    cmocka_unit_test(along_each_word_the_values_are_spread_evenly),
	    cmocka_unit_test(below_n_every_value_comes_and_none_other),
	    cmocka_unit_test(chance_takes_one_decision_also_when_it_is_certain),
	    cmocka_unit_test(the_distributions_have_their_means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
