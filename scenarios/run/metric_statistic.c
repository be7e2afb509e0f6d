/* metric_statistic.c - quantiles by their number, all others by a table. */
#include "scenarios/run/metric_statistic.h"

#include "proxy/base/attrs.h"
#include "proxy/base/mem.h"
#include "scenarios/base/stats_tests.h"

#include <math.h>
#include <string.h>

static double find_min(const struct samples *s)
{
	return samples_quantile(s, 0);
}

static double find_max(const struct samples *s)
{
	return samples_quantile(s, 1);
}

static double count_samples(const struct samples *s)
{
	return (double)s->n;
}

/* Correlates the samples with their times. */
static double correlate_with_time(const struct samples *s)
{
	double *at = xcalloc(s->n + 1, sizeof(*at)), r;
	bool timed = true;

	for (size_t i = 0; i < s->n; i++) {
		at[i] = (double)(s->at[i] - s->at[0]);
		timed = timed && s->at[i];
	}
	r = timed ? rank_correlation(at, s->v, s->n) : NAN;
	free(at);
	return r;
}

/* unit: 0 is the metric's own. */
static const struct {
	const char *name;
	double (*compute)(const struct samples *s);
	char unit;
} statistics[] = {
    {"min", find_min, 0},
    {"max", find_max, 0},
    {"mean", samples_mean, 0},
    {"sum", samples_sum, 0},
    {"count", count_samples, 'n'},
    {"cv", samples_cv, 'r'},
    {"spearman", correlate_with_time, 'n'},
    {"runs_p", runs_test_p, 'n'},
    {"ks_exponential_p", ks_exponential_p, 'n'},
};

static double share_between(const struct samples *s, double low, double high)
{
	size_t inside = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] >= low && s->v[i] <= high)
			inside++;
	return s->n ? (double)inside / (double)s->n : NAN;
}

double metric_statistic(const struct samples *s, const struct metric_ref *ref)
{
	for (size_t i = 0; i < ARRAY_LEN(statistics); i++)
		if (strcmp(statistics[i].name, ref->stat) == 0)
			return statistics[i].compute(s);
	if (strcmp(ref->stat, "share") == 0)
		return share_between(s, ref->low, ref->high);
	return samples_quantile(s, atof(ref->stat + 1) / 100.0);
}

char metric_statistic_unit(const char *stat, char unit)
{
	if (strcmp(stat, "share") == 0)
		return 'r';
	for (size_t i = 0; i < ARRAY_LEN(statistics); i++)
		if (strcmp(statistics[i].name, stat) == 0 && statistics[i].unit)
			return statistics[i].unit;
	return unit;
}
