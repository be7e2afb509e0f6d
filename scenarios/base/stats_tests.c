/* stats_tests.c - exact sums in logarithms where there is a formula, draws where there is none. */
#include "scenarios/base/stats_tests.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <math.h>
#include <string.h>

#define TAIL 0.0005 /* of 0.1 %, at each end */

#define DRAWS_MIN      20000
#define DRAWS_MAX      100000
#define SIZE_MAX_DRAWN 500 /* of a sample; what is larger is derived from it */
#define VALUES_MAX     ((size_t)DRAWS_MIN * SIZE_MAX_DRAWN) /* half a second */
#define DRAW_SEED      UINT64_C(1969)			    /* any fixed number does */
#define CV_DRAW_STAGE  UINT64_C(1)
#define KS_DRAW_STAGE  UINT64_C(2)

static double log_gamma(double x)
{
	int sign; /* lgamma() would write a global */

	return lgamma_r(x, &sign);
}

static double log_choose(double n, double k)
{
	return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

static double binomial_probability(double p, double n, double k)
{
	return exp(log_choose(n, k) + k * log(p) + (n - k) * log1p(-p));
}

/* Returns the smallest k with P(X <= k) > TAIL. What is left out below the start is nothing: 12
 * deviations and 40. */
static double binomial_low(double p, double n)
{
	double k = floor(n * p - 12 * sqrt(n * p * (1 - p)) - 40), sum;

	k = k < 0 ? 0 : k;
	sum = binomial_probability(p, n, k);
	while (sum <= TAIL && k < n)
		sum += binomial_probability(p, n, ++k);
	return k;
}

struct chance_range binomial_range(double p, uint64_t n)
{
	double size = (double)n;

	BUG_ON(!(p >= 0 && p <= 1));
	if (p == 0 || n == 0)
		return (struct chance_range){0, 0};
	if (p == 1)
		return (struct chance_range){size, size};
	/* The highest count of events is the lowest count of their absence. */
	return (struct chance_range){binomial_low(p, size), size - binomial_low(1 - p, size)};
}

static int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t count_draws(size_t size)
{
	size_t n = VALUES_MAX / size;

	return n < DRAWS_MIN ? DRAWS_MIN : n > DRAWS_MAX ? DRAWS_MAX : n;
}

/* Draws one coefficient of variation; v has room for n values. */
static double draw_cv(struct rng *r, double *v, size_t n)
{
	struct samples s = {.v = v, .n = n, .room = n};

	for (size_t i = 0; i < n; i++)
		v[i] = rng_exponential(r, 1);
	return samples_cv(&s);
}

static struct chance_range draw_cv_range(size_t n)
{
	struct rng r = rng_make(DRAW_SEED, CV_DRAW_STAGE, n);
	size_t draws = count_draws(n), outside = (size_t)((double)draws * TAIL);
	double *v = xcalloc(n, sizeof(*v)), *cvs = xcalloc(draws, sizeof(*cvs));
	struct chance_range range;

	for (size_t i = 0; i < draws; i++)
		cvs[i] = draw_cv(&r, v, n);
	qsort(cvs, draws, sizeof(*cvs), compare_doubles);
	range = (struct chance_range){cvs[outside], cvs[draws - 1 - outside]};
	free(cvs);
	free(v);
	return range;
}

struct chance_range exponential_cv_range(uint64_t n)
{
	struct chance_range range = {NAN, NAN};
	double narrower;

	if (n < 2)
		return range;
	if (n <= SIZE_MAX_DRAWN)
		return draw_cv_range((size_t)n);
	range = draw_cv_range(SIZE_MAX_DRAWN);
	narrower = sqrt(SIZE_MAX_DRAWN / (double)n);
	return (struct chance_range){1 - (1 - range.low) * narrower,
				     1 + (range.high - 1) * narrower};
}

struct ranked {
	double value;
	size_t index;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Writes the rank of each value, from 1. */
static void rank_values(const double *v, size_t n, double *ranks)
{
	struct ranked *sorted = xcalloc(n, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct ranked){v[i], i};
	qsort(sorted, n, sizeof(*sorted), compare_ranked);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && sorted[to].value == sorted[from].value;)
			to++;
		for (size_t i = from; i < to; i++)
			ranks[sorted[i].index] = (double)(from + 1 + to) / 2;
	}
	free(sorted);
}

double rank_correlation(const double *x, const double *y, size_t n)
{
	double mean = (double)(n + 1) / 2, xx = 0, yy = 0, xy = 0;
	double *ranks;

	if (n < 3)
		return NAN;
	ranks = xcalloc(2 * n, sizeof(*ranks));
	rank_values(x, n, ranks);
	rank_values(y, n, ranks + n);
	for (size_t i = 0; i < n; i++) {
		double dx = ranks[i] - mean, dy = ranks[n + i] - mean;

		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	free(ranks);
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

/* Returns P(R = r) for a sequence of a outcomes of one kind and b of the other: the ways to part
 * both kinds into runs, over the ways to order all (Wald and Wolfowitz, equations 2 and 3). */
static double runs_probability(double a, double b, double r)
{
	double k = floor(r / 2), all = log_choose(a + b, a), ways = 0;

	if (r == 2 * k)
		return 2 * exp(log_choose(a - 1, k - 1) + log_choose(b - 1, k - 1) - all);
	if (k <= a - 1)
		ways += exp(log_choose(a - 1, k) + log_choose(b - 1, k - 1) - all);
	if (k <= b - 1)
		ways += exp(log_choose(a - 1, k - 1) + log_choose(b - 1, k) - all);
	return ways;
}

double runs_test_p(const struct samples *s)
{
	double fewer = 0, more = 0, a = 0, b, runs = 1, most, p;

	for (size_t i = 0; i < s->n; i++) {
		a += s->v[i] != 0;
		runs += i > 0 && (s->v[i] != 0) != (s->v[i - 1] != 0);
	}
	b = (double)s->n - a;
	if (a == 0 || b == 0)
		return NAN;
	most = a == b ? 2 * a : 2 * fmin(a, b) + 1;
	for (double r = 2; r <= most; r++) {
		p = runs_probability(a, b, r);
		fewer += r <= runs ? p : 0;
		more += r >= runs ? p : 0;
	}
	return fmin(1, 2 * fmin(fewer, more));
}

/* Returns the largest distance between the steps of n ascending samples and the exponential
 * distribution of their mean. */
static double exponential_distance(const double *sorted, size_t n)
{
	double sum = 0, distance = 0;

	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	for (size_t i = 0; i < n; i++) {
		double f = -expm1(-sorted[i] * (double)n / sum);

		distance = fmax(distance, (double)(i + 1) / (double)n - f);
		distance = fmax(distance, f - (double)i / (double)n);
	}
	return distance;
}

/* Fills v with n ascending exponential samples: the waits between them are independent (A. Renyi,
 * 1953). */
static void draw_ascending(struct rng *r, double *v, size_t n)
{
	double at = 0;

	for (size_t i = 0; i < n; i++) {
		at += rng_exponential(r, 1) / (double)(n - i);
		v[i] = at;
	}
}

/* Returns the distance that means for n samples what this one means for some others: what Stephens
 * calls the modified statistic is the same. */
static double convert_distance(double distance, double from, double n)
{
	double modified = (distance - 0.2 / from) * (sqrt(from) + 0.26 + 0.5 / sqrt(from));

	return modified / (sqrt(n) + 0.26 + 0.5 / sqrt(n)) + 0.2 / n;
}

static double share_beyond(double distance, size_t n)
{
	struct rng r = rng_make(DRAW_SEED, KS_DRAW_STAGE, n);
	size_t draws = count_draws(n), beyond = 0;
	double *v = xcalloc(n, sizeof(*v));

	for (size_t i = 0; i < draws; i++) {
		draw_ascending(&r, v, n);
		beyond += exponential_distance(v, n) >= distance;
	}
	free(v);
	return (double)(beyond + 1) / (double)(draws + 1);
}

double ks_exponential_p(const struct samples *s)
{
	size_t n = s->n > SIZE_MAX_DRAWN ? SIZE_MAX_DRAWN : s->n;
	double *sorted, distance = NAN;

	if (s->n < 3)
		return NAN;
	sorted = xcalloc(s->n, sizeof(*sorted));
	memcpy(sorted, s->v, s->n * sizeof(*sorted));
	qsort(sorted, s->n, sizeof(*sorted), compare_doubles);
	if (sorted[0] >= 0 && sorted[s->n - 1] > 0)
		distance = exponential_distance(sorted, s->n);
	free(sorted);
	if (isnan(distance))
		return NAN;
	if (n < s->n)
		distance = convert_distance(distance, (double)s->n, (double)n);
	return share_beyond(distance, n);
}
