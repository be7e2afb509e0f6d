/* faults.h - the impairments of a fitted scenario: what was found, each with its parameters and the
 * frames that they were read from; and what was found and isn't made. */
#ifndef WEDGE_SCENARIOS_FIT_FAULTS_H
#define WEDGE_SCENARIOS_FIT_FAULTS_H

#include "scenarios/diagnosis/diagnosis.h"
#include "scenarios/fit/shape.h"

#include <stdio.h>

/* What an impairment's writer may ask. */
struct fitting {
	const struct diagnosis *d;
	const struct service *service;
	const struct shape *shape;
	FILE *out;
	bool made[CAUSE_COUNT];	    /* an impairment that was written makes these waits */
	int64_t up_to[CAUSE_COUNT]; /* ... those that are no longer; 0: all */
	bool told[FINDING_COUNT];   /* ... these findings */
};

/* Returns a quantile of sizes or rates, which are kept in SHAPE_UNITs. */
uint64_t shape_bytes(const struct durations *d, double q);

/* Writes the impairments as items of a YAML list. false: there are none. */
bool faults_write(struct fitting *f);

/* Writes the frames that there are, and ends the line. */
void faults_put_frames(const struct fitting *f, const uint32_t *frames, int n);

/* Returns how many values there are from limit on. */
uint64_t faults_count_from(const struct durations *d, int64_t limit);

#endif
