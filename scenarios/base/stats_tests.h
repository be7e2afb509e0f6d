/* stats_tests.h - tests of chance: whether counts, orders and waiting times look as pure chance
 * would have made them. Pure functions of their arguments: where a distribution has no closed form
 * it is drawn from a fixed seed, so that equal samples always get equal answers. */
#ifndef WEDGE_SCENARIOS_BASE_STATS_TESTS_H
#define WEDGE_SCENARIOS_BASE_STATS_TESTS_H

#include "scenarios/base/stats.h"

#include <stdint.h>

/* A range of values that chance leaves with a probability of 0.1 %, half of it at each end. */
struct chance_range {
	double low, high;
};

#define CHANCE_COUNT_MAX 1e9 /* far beyond what a run can count; its range is still found at once  \
			      */

/* The counts k of n independent events of probability p that don't contradict p at 99.9 %:
 * P(X <= k) and P(X >= k) are both above 0.05 %, by the exact binomial distribution. These are the
 * k whose 99.9 % interval of Clopper and Pearson (Biometrika 26, 1934) holds p. */
struct chance_range binomial_range(double p, uint64_t n);

/* The coefficients of variation (samples_cv) of n independent exponential waiting times, whatever
 * their mean. By 20,000 to 100,000 draws, so each end is good to some 2 %; beyond 500 the range of
 * 500, narrowed as the root of n. NANs below 2. */
struct chance_range exponential_cv_range(uint64_t n);

/* Spearman's rank correlation of n pairs: Pearson's of the ranks, equal values sharing the mean of
 * theirs. NAN below 3 pairs, or when one side is all equal. */
double rank_correlation(const double *x, const double *y, size_t n);

/* The two-sided p value of the runs test of A. Wald and J. Wolfowitz (Annals of Mathematical
 * Statistics 11, 1940) on a sequence of outcomes, 0 or not: twice the smaller of P(R <= r) and
 * P(R >= r), at most 1, by the exact distribution of the number of runs. Small when failures come
 * in clusters, or too evenly. NAN unless both outcomes occur. */
double runs_test_p(const struct samples *s);

/* The p value of the Kolmogorov-Smirnov test of H. W. Lilliefors (Journal of the American
 * Statistical Association 64, 1969) against an exponential distribution whose mean is the sample's
 * own: the share of exponential samples of the same size, each measured against its own mean, that
 * lie at least as far from it. (The p value of the usual Kolmogorov-Smirnov test would be too
 * large: it takes the mean for known.) By 20,000 draws or more: the standard error is below 0.0016
 * at 0.05, and 1/20,001 is the least answer. Beyond 500 samples the distance is that of 500 by the
 * modification of M. A. Stephens (same journal, 69, 1974). NAN below 3 samples, for a negative one
 * and for a mean of 0. */
double ks_exponential_p(const struct samples *s);

#endif
