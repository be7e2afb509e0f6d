/* fit.h - a scenario that makes what a capture shows: the workload's shape and the impairments with
 * their parameters, each with the frames that it was read from. */
#ifndef WEDGE_SCENARIOS_FIT_FIT_H
#define WEDGE_SCENARIOS_FIT_FIT_H

#include "scenarios/diagnosis/diagnosis.h"
#include "scenarios/fit/shape.h"

#include <stdio.h>

/* Returns the service that a scenario is made of: the one that lost the most time, where each
 * connection that failed counts as a second; of equals the one with the most findings, then active
 * time, then bytes. NULL: there is no TCP. */
const struct service *fit_choose_service(const struct diagnosis *d);

/* What became of what was found. */
struct fit_outcome {
	bool any; /* the scenario has an impairment; else it has the workload alone */
	int64_t
	    left; /* the lost time that it doesn't repeat, nanoseconds: its comments say which */
};

/* Writes the scenario's file about one of d's services. capture: as the user named it. */
struct fit_outcome fit_write(const struct diagnosis *d, const struct service *service,
			     const struct shape *shape, const char *capture, FILE *out);

#endif
