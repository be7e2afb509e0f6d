/* durations.c - bin i holds the times of about 1 us x 1.01^i; the first all below, the
 * last all above. */
#include "scenarios/diagnosis/durations.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <math.h>
#include <string.h>

#define SMALLEST   NS_PER_US
#define BIN_GROWTH 1.01
#define BINS	   2560 /* 1.01^2560 us: more than a day */

static size_t bin_of(int64_t value)
{
	double i;

	if (value <= SMALLEST)
		return 0;
	i = floor(log((double)value / SMALLEST) / log(BIN_GROWTH));
	return i < BINS - 1 ? (size_t)i : BINS - 1;
}

static int64_t bin_value(size_t bin)
{
	if (!bin)
		return 0;
	return (int64_t)(SMALLEST * pow(BIN_GROWTH, (double)bin + 0.5));
}

static size_t exact_place(const struct durations *d, int64_t value)
{
	size_t i = 0;

	while (i < d->n && d->exact[i] < value)
		i++;
	return i;
}

static void change_to_bins(struct durations *d)
{
	d->bins = xcalloc(BINS, sizeof(*d->bins));
	for (size_t i = 0; i < d->n; i++)
		d->bins[bin_of(d->exact[i])]++;
	free(d->exact);
	d->exact = NULL;
}

void durations_add(struct durations *d, int64_t value)
{
	size_t at;

	if (!d->bins && d->n == DURATIONS_EXACT)
		change_to_bins(d);
	d->total = sum_of_times(d->total, value);
	if (d->bins) {
		d->bins[bin_of(value)]++;
		d->n++;
		return;
	}
	if (!d->exact)
		d->exact = xcalloc(DURATIONS_EXACT, sizeof(*d->exact));
	at = exact_place(d, value);
	memmove(d->exact + at + 1, d->exact + at, (d->n - at) * sizeof(*d->exact));
	d->exact[at] = value;
	d->n++;
}

void durations_remove(struct durations *d, int64_t value)
{
	size_t at;

	d->total = sum_of_times(d->total, -value);
	d->n--;
	if (d->bins) {
		d->bins[bin_of(value)]--;
		return;
	}
	at = exact_place(d, value);
	memmove(d->exact + at, d->exact + at + 1, (d->n - at) * sizeof(*d->exact));
}

void durations_merge(struct durations *d, const struct durations *other)
{
	if (!other->bins) {
		for (size_t i = 0; i < other->n; i++)
			durations_add(d, other->exact[i]);
		return;
	}
	if (!d->bins)
		change_to_bins(d);
	for (size_t i = 0; i < BINS; i++)
		d->bins[i] += other->bins[i];
	d->n += other->n;
	d->total = sum_of_times(d->total, other->total);
}

int64_t durations_quantile(const struct durations *d, double q)
{
	double place;
	uint64_t below = 0;
	size_t i;

	if (!d->n)
		return 0;
	place = q * (double)(d->n - 1);
	if (d->bins) {
		for (i = 0; i < BINS - 1 && (double)(below += d->bins[i]) <= place;)
			i++;
		return bin_value(i);
	}
	i = (size_t)place;
	if (i + 1 >= d->n)
		return d->exact[d->n - 1];
	return d->exact[i] +
	       (int64_t)((place - (double)i) * (double)(d->exact[i + 1] - d->exact[i]));
}

void durations_fini(struct durations *d)
{
	free(d->exact);
	free(d->bins);
	*d = (struct durations){.n = 0};
}
