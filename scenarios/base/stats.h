/* stats.h - exact statistics of a list of samples: quantiles, spread, a fitted line. */
#ifndef WEDGE_SCENARIOS_BASE_STATS_H
#define WEDGE_SCENARIOS_BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

/* A growing list of samples. Zero-initialise to start; samples_free to end. */
struct samples {
	double *v;
	int64_t *at; /* when each began, wall-clock nanoseconds; 0: it has no time */
	size_t n, room;
};

void samples_add(struct samples *s, double value); /* without a time */
void samples_add_at(struct samples *s, double value, int64_t at);
void samples_free(struct samples *s);

/* Quantile q in [0,1] by linear interpolation of the sorted samples (Hyndman and Fan, type 7);
 * NAN when there are none. Doesn't change the order of s. */
double samples_quantile(const struct samples *s, double q);
double samples_sum(const struct samples *s);
double samples_mean(const struct samples *s); /* NAN when empty */
double samples_cv(const struct samples *s);   /* sample standard deviation / mean; NAN below 2 */

struct line_fit {
	double intercept, slope, r2;
};

/* The mean over the flat end of a curve: of the longest run of points with the largest x that spans
 * at least a doubling of x, and whose y all lie within 5 % of their mean. NAN when there is none: a
 * curve that still rises has no plateau, however densely it was sampled. */
double plateau_mean(const double *x, const double *y, size_t n);

/* Least squares y = intercept + slope * x over n points; NANs below 2 distinct x. */
struct line_fit fit_line(const double *x, const double *y, size_t n);

#endif
