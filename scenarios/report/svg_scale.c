/* svg_scale.c - ticks are multiples of their step, so that errors of rounding don't add up. */
#include "scenarios/report/svg_scale.h"

#include <math.h>

double svg_place(const struct svg_scale *s, double value)
{
	double v = value, low = s->low, high = s->high;

	if (!(v > low))
		return s->from;
	if (v > high)
		return s->to;
	if (s->logarithmic) {
		v = log10(v);
		low = log10(low);
		high = log10(high);
	}
	return s->from + (v - low) / (high - low) * (s->to - s->from);
}

/* Returns the smallest step of 1, 2 or 5 times a power of ten that leaves at most max ticks. */
static double choose_step(const struct svg_scale *s, size_t max)
{
	static const double steps[] = {1, 2, 5, 10};
	double least = (s->high - s->low) / (double)max, power = pow(10, floor(log10(least)));

	for (size_t i = 0; i < 4; i++)
		if (steps[i] * power >= least && floor(s->high / (steps[i] * power) + 1e-9) -
							 ceil(s->low / (steps[i] * power) - 1e-9) <
						     (double)max)
			return steps[i] * power;
	return 20 * power;
}

static size_t logarithmic_ticks(const struct svg_scale *s, size_t max, double *ticks)
{
	int first = (int)ceil(log10(s->low) - 1e-9), last = (int)floor(log10(s->high) + 1e-9);
	int step = 1;
	size_t n = 0;

	while ((last - first) / step >= (int)max)
		step++;
	for (int power = first; power <= last && n < max; power += step)
		ticks[n++] = pow(10, power);
	return n;
}

size_t svg_ticks(const struct svg_scale *s, size_t max, double *ticks)
{
	double step, first;
	size_t n = 0;

	if (!max || !(s->high > s->low))
		return 0;
	if (s->logarithmic)
		return logarithmic_ticks(s, max, ticks);
	step = choose_step(s, max);
	first = ceil(s->low / step - 1e-9);
	for (double k = first; k * step <= s->high + step * 1e-9 && n < max; k++)
		ticks[n++] = k != 0 ? k * step : 0; /* no -0 */
	return n;
}
