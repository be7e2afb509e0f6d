/* distribution.c - whole decades, each in as many bins as a narrow screen can tell apart. */
#include "scenarios/run/distribution.h"

#include "proxy/base/mem.h"
#include "scenarios/run/phase_metrics.h"

#include <math.h>
#include <string.h>

#define BINS_PER_DECADE 20
#define SHORTEST	1e-6 /* seconds */

static size_t gather_phases(const struct measured *m, const char *vantage, struct samples *phases)
{
	struct metric_ref ref = {.traffic = "main", .name = "response"};
	size_t n = 0;

	snprintf(ref.vantage, sizeof(ref.vantage), "%s", vantage);
	for (size_t i = 0; i < m->n; i++) {
		if (phase_metric_samples(m->phases[i], &ref, &phases[i], NULL) == -1)
			phases[i].n = 0;
		n += phases[i].n;
	}
	return n;
}

static double clamp_time(double seconds)
{
	return seconds > SHORTEST ? seconds : SHORTEST;
}

/* Lays the bins over the decades that the samples lie in. */
static void lay_bins(struct result_distribution *out, const struct samples *phases, size_t n)
{
	double low = INFINITY, high = SHORTEST;
	int first, decades;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < phases[i].n; k++) {
			low = fmin(low, clamp_time(phases[i].v[k]));
			high = fmax(high, clamp_time(phases[i].v[k]));
		}
	first = (int)floor(log10(low));
	decades = (int)floor(log10(high)) + 1 - first;
	out->nbins = (size_t)decades * BINS_PER_DECADE;
	out->edges = xcalloc(out->nbins + 1, sizeof(double));
	for (size_t i = 0; i <= out->nbins; i++)
		out->edges[i] = pow(10, first + (double)i / BINS_PER_DECADE);
}

/* Returns the bin whose lower edge is the last one that isn't above the time. */
static size_t find_bin(const struct result_distribution *d, double seconds)
{
	size_t low = 0, high = d->nbins;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (d->edges[middle] <= seconds)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void count_phase(struct result_distribution *d, size_t phase, const struct samples *s)
{
	for (size_t k = 0; k < s->n; k++)
		d->counts[phase * d->nbins + find_bin(d, clamp_time(s->v[k]))]++;
	d->samples[phase] = s->n;
	d->medians[phase] = samples_quantile(s, 0.5);
}

void distribution_measure(struct result_distribution *out, const struct measured *m)
{
	static const char *const vantages[] = {"client_app", "client_wire"};
	struct samples *phases = xcalloc(m->n + 1, sizeof(*phases));

	*out = (struct result_distribution){.nbins = 0};
	for (size_t v = 0; v < ARRAY_LEN(vantages) && !out->nbins; v++) {
		if (gather_phases(m, vantages[v], phases) == 0)
			continue;
		out->metric = xasprintf("%s.response", vantages[v]);
		lay_bins(out, phases, m->n);
		out->counts = xcalloc(m->n * out->nbins, sizeof(*out->counts));
		out->samples = xcalloc(m->n, sizeof(*out->samples));
		out->medians = xcalloc(m->n, sizeof(*out->medians));
		for (size_t i = 0; i < m->n; i++)
			count_phase(out, i, &phases[i]);
	}
	for (size_t i = 0; i < m->n; i++)
		samples_free(&phases[i]);
	free(phases);
}
