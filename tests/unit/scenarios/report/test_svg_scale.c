/* test_svg_scale.c - places along an axis, and its round values. LAYER: wedge_report */
#include "scenarios/report/svg_scale.h"

#include "proxy/base/attrs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void near(double a, double b)
{
	assert_true(fabs(a - b) <= 1e-9 * fmax(1, fabs(b)));
}

static void a_linear_axis_is_even(void **state)
{
	struct svg_scale s = {.low = 10, .high = 20, .from = 0, .to = 100};

	(void)state;
	near(svg_place(&s, 10), 0);
	near(svg_place(&s, 12.5), 25);
	near(svg_place(&s, 20), 100);
}

static void an_axis_may_run_downward(void **state)
{
	struct svg_scale s = {.low = 0, .high = 4, .from = 300, .to = 0};

	(void)state;
	near(svg_place(&s, 0), 300);
	near(svg_place(&s, 3), 75);
}

static void each_power_of_ten_has_the_same_width(void **state)
{
	struct svg_scale s = {.low = 1e-4, .high = 1, .from = 0, .to = 100, .logarithmic = true};

	(void)state;
	near(svg_place(&s, 1e-4), 0);
	near(svg_place(&s, 1e-3), 25);
	near(svg_place(&s, 0.1), 75);
	near(svg_place(&s, sqrt(1e-5)), 37.5);
}

static void what_lies_beyond_is_at_the_edge(void **state)
{
	struct svg_scale s = {.low = 1, .high = 10, .from = 5, .to = 95, .logarithmic = true};

	(void)state;
	near(svg_place(&s, 0), 5);
	near(svg_place(&s, -3), 5);
	near(svg_place(&s, 1000), 95);
	near(svg_place(&s, NAN), 5);
	near(svg_place(&s, INFINITY), 95);
}

static void ticks_are_round_and_inside(void **state)
{
	static const struct {
		double low, high;
		size_t max, n;
		double first, step;
	} cases[] = {
	    {0, 10, 6, 6, 0, 2},	{0, 1.003, 6, 6, 0, 0.2},     {3.2, 3.9, 5, 4, 3.2, 0.2},
	    {0, 65535, 5, 4, 0, 20000}, {1e9, 1e9 + 4, 6, 5, 1e9, 1}, {0, 0.0007, 8, 8, 0, 1e-4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct svg_scale s = {.low = cases[i].low, .high = cases[i].high, .to = 100};
		double ticks[10];
		size_t n = svg_ticks(&s, cases[i].max, ticks);

		assert_int_equal(n, cases[i].n);
		for (size_t k = 0; k < n; k++)
			near(ticks[k], cases[i].first + (double)k * cases[i].step);
	}
}

static void logarithmic_ticks_are_powers_of_ten(void **state)
{
	struct svg_scale s = {.low = 1e-6, .high = 10, .to = 100, .logarithmic = true};
	double ticks[10];

	(void)state;
	assert_int_equal(svg_ticks(&s, 8, ticks), 8);
	near(ticks[0], 1e-6);
	near(ticks[7], 10);
	assert_int_equal(svg_ticks(&s, 4, ticks), 4); /* every second one */
	near(ticks[1], 1e-4);
	near(ticks[3], 1);
}

static void an_axis_without_length_has_no_ticks(void **state)
{
	struct svg_scale s = {.low = 5, .high = 5, .to = 100};
	double ticks[4];

	(void)state;
	assert_int_equal(svg_ticks(&s, 4, ticks), 0);
	s.high = NAN;
	assert_int_equal(svg_ticks(&s, 4, ticks), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_linear_axis_is_even),
	    cmocka_unit_test(an_axis_may_run_downward),
	    cmocka_unit_test(each_power_of_ten_has_the_same_width),
	    cmocka_unit_test(what_lies_beyond_is_at_the_edge),
	    cmocka_unit_test(ticks_are_round_and_inside),
	    cmocka_unit_test(logarithmic_ticks_are_powers_of_ten),
	    cmocka_unit_test(an_axis_without_length_has_no_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
