/* test_stats_tests.c - tests of chance agree with published tables and with SciPy 1.10.1
 * (scipy.stats binom, spearmanr; exact fractions and enumeration for the runs; two million draws of
 * NumPy for what has no formula), whose answers are written down here. LAYER: wedge_scenario_base
 */
#include "scenarios/base/stats_tests.h"

#include "proxy/base/attrs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

static struct samples borrow(const double *v, size_t n)
{
	return (struct samples){.v = (double *)(uintptr_t)v, .n = n, .room = n};
}

/* binom.ppf(0.0005, n, p), binom.isf(0.0005, n, p) */
static void counts_have_their_exact_range(void **state)
{
	static const struct {
		double p;
		uint64_t n;
		double low, high;
	} cases[] = {
	    {0.5, 200, 77, 123}, {0.3, 100, 16, 46}, {0.02, 1000, 7, 36},
	    {0.5, 1, 0, 1},	 {0.5, 0, 0, 0},     {0.3, 100000, 29524, 30477},
	    {0.01, 10, 0, 2},	 {0, 20, 0, 0},	     {1, 20, 20, 20},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct chance_range r = binomial_range(cases[i].p, cases[i].n);

		if (r.low != cases[i].low || r.high != cases[i].high)
			fail_msg("%g of %llu: %g to %g", cases[i].p, (unsigned long long)cases[i].n,
				 r.low, r.high);
	}
}

static void ranks_are_correlated_as_spearman_did(void **state)
{
	static const double up[] = {1, 2, 3, 4, 5}, mixed[] = {5, 6, 7, 8, 7};
	static const double tied[] = {1, 2, 2, 3, 9}, other[] = {1, 4, 3, 3, 2};
	static const double curve[] = {1, 10, 11, 500, 9000}, down[] = {5, 4, 3, 2, 1};
	static const double level[] = {7, 7, 7, 7, 7};

	(void)state;
	assert_true(near(rank_correlation(up, mixed, 5), 0.8207826816681233, 1e-12));
	assert_true(near(rank_correlation(tied, other, 5), 0.13157894736842107, 1e-12));
	assert_true(rank_correlation(up, curve, 5) == 1);
	assert_true(rank_correlation(up, down, 5) == -1);
	assert_true(isnan(rank_correlation(up, level, 5)));
	assert_true(isnan(rank_correlation(up, down, 2)));
}

static double runs_p_of(const char *outcomes)
{
	struct samples s = {0};
	double p;

	for (; *outcomes; outcomes++)
		samples_add(&s, *outcomes == '1');
	p = runs_test_p(&s);
	samples_free(&s);
	return p;
}

static void runs_are_counted_as_wald_and_wolfowitz_did(void **state)
{
	struct samples s = {0};

	(void)state;
	assert_true(near(runs_p_of("110100111010110111"), 0.43374272786037493, 1e-12));
	assert_true(near(runs_p_of("1111111111110000"), 0.002197802197802198, 1e-12));
	assert_true(near(runs_p_of("10101010101010101010"), 2.165017644893806e-05, 1e-15));
	assert_true(isnan(runs_p_of("1111")) && isnan(runs_p_of("0")) && isnan(runs_p_of("")));
	assert_true(runs_p_of("10") == 1);
	for (int i = 0; i < 1000; i++)
		samples_add(&s, i % 50 != 49);
	assert_true(near(runs_test_p(&s), 0.6971625893980032, 1e-9));
	for (int i = 0; i < 1000; i++)
		s.v[i] = i % 500 < 490;
	assert_true(runs_test_p(&s) < 1e-36 && runs_test_p(&s) > 0);
	samples_free(&s);
}

static void waits_are_compared_with_an_exponential_distribution(void **state)
{
	static const double looks[] = {0.3, 1.2, 2.2, 0.1, 0.7, 3.3, 0.45, 1.9, 0.05, 0.6};
	static const double even[] = {1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.02, 0.98, 1.0, 1.0};
	static const double narrow[] = {.9, 1.4, .7, 2.2, .8, 1.6, 1.1, .6, 1.9, 1.2, .75, 1.3};
	static const double negative[] = {1, -1, 5}, zeros[] = {0, 0, 0};
	struct samples s = borrow(looks, 10);

	(void)state;
	assert_true(near(ks_exponential_p(&s), 0.9716, 0.003));
	s = borrow(narrow, 12);
	assert_true(near(ks_exponential_p(&s), 0.002269, 0.0006));
	s = borrow(even, 10);
	assert_true(ks_exponential_p(&s) < 0.00003 && ks_exponential_p(&s) > 0);
	s = borrow(even, 2);
	assert_true(isnan(ks_exponential_p(&s)));
	s = borrow(negative, 3);
	assert_true(isnan(ks_exponential_p(&s)));
	s = borrow(zeros, 3);
	assert_true(isnan(ks_exponential_p(&s)));
}

/* Returns the p value of n samples whose largest distance from their exponential distribution is d:
 * exact quantiles of it, but for one that is moved. */
static double p_of_distance(size_t n, double d)
{
	struct samples s = {0};
	double low = 1, high = 1e6, distance = 0, p;

	for (size_t i = 0; i < n; i++)
		samples_add(&s, -log(1 - ((double)i + 0.5) / (double)n));
	for (int step = 0; step < 200; step++) {
		double mean, f;

		s.v[n - 1] = (low + high) / 2; /* the further out, the smaller the others look */
		mean = samples_mean(&s);
		distance = 0;
		for (size_t i = 0; i < n; i++) {
			f = 1 - exp(-s.v[i] / mean);
			distance = fmax(distance, fmax((double)(i + 1) / (double)n - f,
						       f - (double)i / (double)n));
		}
		if (s.v[n - 1] > s.v[n - 2] && distance > d)
			high = s.v[n - 1];
		else
			low = s.v[n - 1];
	}
	if (!near(distance, d, 1e-6))
		fail_msg("no %zu samples with the distance %g, only %g", n, d, distance);
	p = ks_exponential_p(&s);
	samples_free(&s);
	return p;
}

/* Lilliefors 1969, table 1 (critical values, with three digits), and for 1,000 samples the limits
 * 1.094 at 5 % and 1.308 at 1 % of Stephens 1974, table 1.3, for the modified statistic. */
static void p_values_are_those_of_the_published_tables(void **state)
{
	static const struct {
		size_t n;
		double distance, p, tolerance;
	} cases[] = {
	    {10, 0.263, 0.20, 0.006},	    {10, 0.325, 0.05, 0.003},
	    {10, 0.380, 0.01, 0.001},	    {20, 0.234, 0.05, 0.003},
	    {30, 0.192, 0.05, 0.004},	    {1000, 0.0344962, 0.05, 0.006},
	    {1000, 0.0412049, 0.01, 0.003},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		double p = p_of_distance(cases[i].n, cases[i].distance);

		if (!near(p, cases[i].p, cases[i].tolerance))
			fail_msg("%zu samples, %g: p %g, not %g", cases[i].n, cases[i].distance, p,
				 cases[i].p);
	}
}

static void spread_of_exponential_waits_has_its_range(void **state)
{
	static const struct {
		uint64_t n;
		double low, high, tolerance;
	} cases[] = {
	    {5, 0.1400, 1.9618, 0.02},	   {30, 0.5739, 1.7552, 0.04},
	    {100, 0.7360, 1.4241, 0.03},   {500, 0.8658, 1.1693, 0.015},
	    {2000, 0.9310, 1.0787, 0.010},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct chance_range r = exponential_cv_range(cases[i].n);

		if (!near(r.low, cases[i].low, cases[i].tolerance) ||
		    !near(r.high, cases[i].high, cases[i].tolerance))
			fail_msg("%llu: %g to %g", (unsigned long long)cases[i].n, r.low, r.high);
	}
	assert_true(isnan(exponential_cv_range(1).low) && isnan(exponential_cv_range(0).high));
}

static void equal_samples_get_equal_answers(void **state)
{
	static const double v[] = {0.3, 1.2, 2.2, 0.1};
	struct samples s = borrow(v, 4);

	(void)state;
	assert_true(ks_exponential_p(&s) == ks_exponential_p(&s));
	assert_true(exponential_cv_range(40).high == exponential_cv_range(40).high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_have_their_exact_range),
	    cmocka_unit_test(ranks_are_correlated_as_spearman_did),
	    cmocka_unit_test(runs_are_counted_as_wald_and_wolfowitz_did),
	    cmocka_unit_test(waits_are_compared_with_an_exponential_distribution),
	    cmocka_unit_test(p_values_are_those_of_the_published_tables),
	    cmocka_unit_test(spread_of_exponential_waits_has_its_range),
	    cmocka_unit_test(equal_samples_get_equal_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
