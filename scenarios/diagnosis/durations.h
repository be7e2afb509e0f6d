/* durations.h - a distribution of times in bounded memory: exact while there are few, then in bins
 * of 1 %. What was added can be taken out again. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DURATIONS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DURATIONS_H

#include <stddef.h>
#include <stdint.h>

#define DURATIONS_EXACT 64

/* Adds times of a capture, whose stamps may lie centuries apart: a sum that doesn't fit stays at
 * the limit. */
static inline int64_t sum_of_times(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b < 0 ? INT64_MIN : INT64_MAX;
}

/* Zero-initialise to start; durations_fini to end. */
struct durations {
	uint64_t n;
	int64_t total;	/* nanoseconds */
	int64_t *exact; /* ascending, up to DURATIONS_EXACT; NULL once there are more */
	uint32_t *bins;
};

/* Nanoseconds; less than 1 us counts as 0 in quantiles, once there are many. */
void durations_add(struct durations *d, int64_t value);

/* Takes out a value that was added. */
void durations_remove(struct durations *d, int64_t value);

/* Adds all of other. */
void durations_merge(struct durations *d, const struct durations *other);

/* Returns the quantile q in [0,1], in nanoseconds, right to 1 %; 0 when there are none. */
int64_t durations_quantile(const struct durations *d, double q);

void durations_fini(struct durations *d); /* leaves it empty */

#endif
