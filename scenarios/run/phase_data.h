/* phase_data.h - what one run of a phase leaves: the applications' results, the analysis of both
 * captures, the counts of wedge and of the captures. Observations only: judge.h judges. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_DATA_H
#define WEDGE_SCENARIOS_RUN_PHASE_DATA_H

#include "proxy/base/dir.h"
#include "scenarios/analysis/analysis.h"
#include "scenarios/run/phase_lab.h"

#include <jansson.h>

/* What one end of a traffic has reported. */
struct end_data {
	size_t traffic, host; /* places in the phase */
	bool is_server;
	json_t *result; /* as workload.h describes it */
};

/* A part of a phase, from one step "section" to the next. */
struct phase_section {
	char *name;
	int64_t from, to; /* nanoseconds of CLOCK_MONOTONIC; to of the last one: INT64_MAX */
};

struct phase_data {
	char *label;	    /* "impaired", with a sweep "impaired@600" */
	double sweep_value; /* NAN without a sweep */
	double duration;    /* seconds from the clients' start to the main client's result */
	struct phase_section *sections; /* of a phase with steps, in their order */
	size_t nsections;
	json_t *steps;	 /* [{"at": seconds since the clients' start, "step": TEXT}, ...] or NULL */
	char *unreached; /* what a step awaited in vain; NULL: nothing */
	int64_t wall_offset; /* from CLOCK_MONOTONIC to the captures' time stamps, nanoseconds */
	struct phase *phase; /* a copy of what was run */
	struct phase_lab lab;
	enum intercept intercept;
	struct end_data *ends;
	size_t nends;
	struct analysis *wire[LEG_COUNT];
	json_t *taps[LEG_COUNT];  /* received, dropped, written */
	json_t *wedge;		  /* what the engine counted */
	json_t *environment;	  /* the lab's */
	char *backend;		  /* how packets reached the queue */
	char *capture[LEG_COUNT]; /* file names */
};

void phase_data_free(struct phase_data *d); /* NULL is fine */

#endif
