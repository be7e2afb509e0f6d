/* stats.h - exact statistics of a list of samples: quantiles, spread, a fitted line. */
#ifndef WEDGE_SCENARIOS_BASE_STATS_H
#define WEDGE_SCENARIOS_BASE_STATS_H

#include <stddef.h>

/* A growing list of samples. Zero-initialise to start; samples_free to end. */
struct samples {
	double *v;
	size_t n, room;
};

void samples_add(struct samples *s, double value);
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

/* Least squares y = intercept + slope * x over n points; NANs below 2 distinct x. */
struct line_fit fit_line(const double *x, const double *y, size_t n);

#endif
