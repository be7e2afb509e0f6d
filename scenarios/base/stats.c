/* stats.c - keeps and sorts every sample: exact, no estimate. */
#include "scenarios/base/stats.h"

#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

void samples_add(struct samples *s, double value)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = xrealloc(s->v, s->room, sizeof(*s->v));
	}
	s->v[s->n++] = value;
}

void samples_free(struct samples *s)
{
	if (!s)
		return;
	free(s->v);
	*s = (struct samples){0};
}

static int compare_samples(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double samples_quantile(const struct samples *s, double q)
{
	double place, fraction, result;
	double *sorted;
	size_t below;

	if (s->n == 0)
		return NAN;
	BUG_ON(!(q >= 0 && q <= 1));
	sorted = xcalloc(s->n, sizeof(*sorted));
	memcpy(sorted, s->v, s->n * sizeof(*sorted));
	qsort(sorted, s->n, sizeof(*sorted), compare_samples);
	place = q * (double)(s->n - 1);
	below = (size_t)place;
	fraction = place - (double)below;
	result = sorted[below];
	if (fraction > 0)
		result += fraction * (sorted[below + 1] - sorted[below]);
	free(sorted);
	return result;
}

double samples_sum(const struct samples *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->v[i];
	return sum;
}

double samples_mean(const struct samples *s)
{
	return s->n ? samples_sum(s) / (double)s->n : NAN;
}

double samples_cv(const struct samples *s)
{
	double mean = samples_mean(s);
	double squares = 0;

	if (s->n < 2 || mean == 0)
		return NAN;
	for (size_t i = 0; i < s->n; i++)
		squares += (s->v[i] - mean) * (s->v[i] - mean);
	return sqrt(squares / (double)(s->n - 1)) / mean;
}

struct line_fit fit_line(const double *x, const double *y, size_t n)
{
	struct line_fit fit = {NAN, NAN, NAN};
	double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;

	for (size_t i = 0; i < n; i++) {
		mean_x += x[i] / (double)n;
		mean_y += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
		yy += (y[i] - mean_y) * (y[i] - mean_y);
	}
	if (n < 2 || !(xx > 0))
		return fit;
	fit.slope = xy / xx;
	fit.intercept = mean_y - fit.slope * mean_x;
	fit.r2 = yy > 0 ? xy * xy / (xx * yy) : 1; /* a level line explains equal values */
	return fit;
}
