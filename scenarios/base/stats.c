/* stats.c - keeps and sorts every sample: exact, no estimate. */
#include "scenarios/base/stats.h"

#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

#define PLATEAU_TOLERANCE 0.05

void samples_add(struct samples *s, double value)
{
	samples_add_at(s, value, 0);
}

void samples_add_at(struct samples *s, double value, int64_t at)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->v = xrealloc(s->v, s->room, sizeof(*s->v));
		s->at = xrealloc(s->at, s->room, sizeof(*s->at));
	}
	s->v[s->n] = value;
	s->at[s->n++] = at;
}

void samples_free(struct samples *s)
{
	if (!s)
		return;
	free(s->v);
	free(s->at);
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

struct point {
	double x, y;
};

static int compare_points(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	return (p->x > q->x) - (p->x < q->x);
}

/* Returns the mean of n points when they are level, else NAN. */
static double level_mean(const struct point *p, size_t n)
{
	double mean = 0;

	for (size_t i = 0; i < n; i++)
		mean += p[i].y / (double)n;
	for (size_t i = 0; i < n; i++)
		if (fabs(p[i].y - mean) > PLATEAU_TOLERANCE * fabs(mean))
			return NAN;
	return mean;
}

double plateau_mean(const double *x, const double *y, size_t n)
{
	struct point *p = xcalloc(n, sizeof(*p));
	double mean = NAN;

	for (size_t i = 0; i < n; i++)
		p[i] = (struct point){x[i], y[i]};
	qsort(p, n, sizeof(*p), compare_points);
	for (size_t i = 0; i < n && isnan(mean); i++)
		if (p[i].x > 0 && p[n - 1].x >= 2 * p[i].x)
			mean = level_mean(p + i, n - i);
	free(p);
	return mean;
}
