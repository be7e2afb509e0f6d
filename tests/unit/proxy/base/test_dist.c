/* test_dist.c - delays vary as they are asked to: shape, bounds, recorded ones.
 * LAYER: wedge_base */
#include "proxy/base/dist.h"

#include "proxy/base/attrs.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N  4000
#define MS NS_PER_MS

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* N samples in milliseconds, the smallest first; their mean. */
static double draw(const struct dist *d, double v[N])
{
	struct rng r = rng_make(1, 2, 3);
	double sum = 0;

	for (size_t i = 0; i < N; i++) {
		v[i] = (double)dist_sample(d, &r) / (double)MS;
		sum += v[i];
	}
	qsort(v, N, sizeof(*v), ascending);
	return sum / N;
}

static void constant_is_one_value(void **state)
{
	struct dist d = {.kind = DIST_CONSTANT, .delay = 100 * MS};
	double v[N];

	(void)state;
	draw(&d, v);
	assert_true(v[0] == 100 && v[N - 1] == 100 && dist_long(&d) == 100 * MS);
}

static void uniform_spreads_evenly(void **state)
{
	struct dist d = {.kind = DIST_UNIFORM, .delay = 100 * MS, .jitter = 20 * MS};
	double v[N];

	(void)state;
	draw(&d, v);
	assert_true(v[0] >= 80 && v[0] < 81 && v[N - 1] <= 120 && v[N - 1] > 119);
	assert_true(v[N / 4] > 88 && v[N / 4] < 92 && v[N / 2] > 98 && v[N / 2] < 102);
}

static void normal_has_mean_and_deviation(void **state)
{
	struct dist d = {.kind = DIST_NORMAL, .delay = 100 * MS, .jitter = 10 * MS};
	double v[N], mean = draw(&d, v);

	(void)state;
	assert_true(mean > 99 && mean < 101);
	/* 15.87 % of a normal distribution lie below one deviation, as many above the other. */
	assert_true(v[635] > 89 && v[635] < 91 && v[3365] > 109 && v[3365] < 111);
}

static void pareto_has_a_least_a_mean_and_a_tail(void **state)
{
	struct dist d = {.kind = DIST_PARETO, .delay = 100 * MS, .jitter = 10 * MS, .shape = 3};
	double v[N], mean = draw(&d, v);

	(void)state;
	assert_true(mean > 109 && mean < 111);
	/* Shape 3 with a mean excess of 10: the median is 100 + 20 * (2^(1/3) - 1). */
	assert_true(v[0] >= 100 && v[0] < 100.1);
	assert_true(v[N / 2] > 104.8 && v[N / 2] < 105.6);
	assert_true(v[N - 1] > 200);
}

/* What a buffer is made for: a delay that one in a hundred exceeds at most. */
static void hardly_any_delay_is_longer_than_the_long_one(void **state)
{
	static const enum dist_kind kinds[] = {DIST_UNIFORM, DIST_NORMAL, DIST_PARETO};
	double v[N];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct dist d = {
		    .kind = kinds[i], .delay = 100 * MS, .jitter = 50 * MS, .shape = 3};

		draw(&d, v);
		assert_true(v[N - N / 100] <= (double)dist_long(&d) / (double)MS);
	}
}

static void nothing_is_early_or_takes_more_than_an_hour(void **state)
{
	struct dist early = {.kind = DIST_NORMAL, .delay = MS, .jitter = 10 * MS};
	struct dist late = {.kind = DIST_PARETO, .delay = DIST_MAX, .jitter = DIST_MAX, .shape = 3};
	double v[N];

	(void)state;
	draw(&early, v);
	assert_true(v[0] == 0 && v[N - 1] > 20);
	draw(&late, v);
	assert_true(v[0] == v[N - 1] && v[0] == (double)(DIST_MAX / MS));
	assert_int_equal(dist_long(&late), DIST_MAX);
}

static void recorded_delays_are_drawn_evenly(void **state)
{
	int64_t delays[] = {MS, 20 * MS, 300 * MS};
	struct recorded r = {.delay = delays, .n = ARRAY_LEN(delays), .longest = 300 * MS};
	struct dist d = {.kind = DIST_RECORDED, .delay = 5 * MS, .recorded = &r};
	double v[N];

	(void)state;
	draw(&d, v);
	assert_true(v[0] == 1 && v[N / 2] == 20 && v[N - 1] == 300);
	/* Each a third; 120 are four standard deviations. */
	assert_true(v[N / 3 - 120] == 1 && v[N / 3 + 120] == 20);
	assert_true(v[2 * N / 3 - 120] == 20 && v[2 * N / 3 + 120] == 300);
	assert_int_equal(dist_long(&d), 300 * MS);
	r.n = 0;
	draw(&d, v);
	assert_true(v[0] == 5 && v[N - 1] == 5);
}

static void jitter_without_effect_or_too_early_is_refused(void **state)
{
	struct dist constant = {.kind = DIST_CONSTANT, .delay = 2, .jitter = 1};
	struct dist uniform = {.kind = DIST_UNIFORM, .delay = 2, .jitter = 2};
	struct err e;

	(void)state;
	assert_int_equal(dist_check(&constant, &e), -1);
	constant.kind = DIST_RECORDED;
	assert_int_equal(dist_check(&constant, &e), -1);
	assert_int_equal(dist_check(&uniform, &e), 0);
	uniform.jitter++;
	assert_int_equal(dist_check(&uniform, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(constant_is_one_value),
	    cmocka_unit_test(uniform_spreads_evenly),
	    cmocka_unit_test(normal_has_mean_and_deviation),
	    cmocka_unit_test(pareto_has_a_least_a_mean_and_a_tail),
	    cmocka_unit_test(hardly_any_delay_is_longer_than_the_long_one),
	    cmocka_unit_test(nothing_is_early_or_takes_more_than_an_hour),
	    cmocka_unit_test(recorded_delays_are_drawn_evenly),
	    cmocka_unit_test(jitter_without_effect_or_too_early_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
