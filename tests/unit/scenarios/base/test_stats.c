/* test_stats.c - quantiles, spread and fitted lines agree with R's and with arithmetic by hand.
 * LAYER: wedge_scenario_base */
#include "scenarios/base/stats.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct samples listed(size_t n, const double *v)
{
	struct samples s = {0};

	for (size_t i = 0; i < n; i++)
		samples_add(&s, v[i]);
	return s;
}

static int near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void quantiles_are_type_7(void **state)
{
	const double v[] = {10, 1, 7, 4};
	struct samples s = listed(4, v);

	(void)state;
	assert_true(samples_quantile(&s, 0) == 1);
	assert_true(samples_quantile(&s, 1) == 10);
	assert_true(near(samples_quantile(&s, 0.5), 5.5));
	assert_true(near(samples_quantile(&s, 0.25), 3.25)); /* R: quantile(c(10,1,7,4), .25) */
	assert_true(near(samples_quantile(&s, 0.9), 9.1));
	assert_memory_equal(s.v, v, sizeof(v));
	samples_free(&s);
	assert_int_equal(s.n, 0);
}

static void one_sample_is_every_quantile(void **state)
{
	const double v[] = {3};
	struct samples s = listed(1, v);

	(void)state;
	assert_true(samples_quantile(&s, 0.99) == 3);
	assert_true(isnan(samples_cv(&s)));
	samples_free(&s);
}

static void nothing_has_no_quantile(void **state)
{
	struct samples s = {0};

	(void)state;
	assert_true(isnan(samples_quantile(&s, 0.5)));
	assert_true(isnan(samples_mean(&s)));
	assert_true(isnan(samples_cv(&s)));
	assert_true(samples_sum(&s) == 0);
}

static void spread_is_of_a_sample(void **state)
{
	const double v[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct samples s = listed(8, v);

	(void)state;
	assert_true(samples_sum(&s) == 40);
	assert_true(samples_mean(&s) == 5);
	assert_true(near(samples_cv(&s), sqrt(32.0 / 7) / 5));
	samples_free(&s);
}

static void a_thousand_samples_fit(void **state)
{
	struct samples s = {0};

	(void)state;
	for (int i = 1000; i >= 0; i--)
		samples_add(&s, i);
	assert_true(samples_quantile(&s, 0.999) == 999);
	samples_free(&s);
}

static void a_line_is_found_again(void **state)
{
	const double x[] = {1, 2, 3, 4}, exact[] = {5, 7, 9, 11}, noisy[] = {6, 5, 7, 10};
	struct line_fit f = fit_line(x, exact, 4);

	(void)state;
	assert_true(near(f.slope, 2) && near(f.intercept, 3) && near(f.r2, 1));
	f = fit_line(x, noisy, 4); /* the worked example of least squares: 3.5 + 1.4 x */
	assert_true(near(f.slope, 1.4) && near(f.intercept, 3.5) && near(f.r2, 0.7));
}

static void no_line_through_one_place(void **state)
{
	const double x[] = {2, 2}, y[] = {1, 5}, level[] = {3, 3}, apart[] = {1, 2};
	struct line_fit f = fit_line(x, y, 2);

	(void)state;
	assert_true(isnan(f.slope) && isnan(f.intercept) && isnan(f.r2));
	f = fit_line(x, y, 0);
	assert_true(isnan(f.slope));
	f = fit_line(apart, level, 2);
	assert_true(f.slope == 0 && f.intercept == 3 && f.r2 == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quantiles_are_type_7),
	    cmocka_unit_test(one_sample_is_every_quantile),
	    cmocka_unit_test(nothing_has_no_quantile),
	    cmocka_unit_test(spread_is_of_a_sample),
	    cmocka_unit_test(a_thousand_samples_fit),
	    cmocka_unit_test(a_line_is_found_again),
	    cmocka_unit_test(no_line_through_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
