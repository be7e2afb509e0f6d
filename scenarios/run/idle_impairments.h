/* idle_impairments.h - the impairments of a phase that have acted on no session. */
#ifndef WEDGE_SCENARIOS_RUN_IDLE_IMPAIRMENTS_H
#define WEDGE_SCENARIOS_RUN_IDLE_IMPAIRMENTS_H

#include "scenarios/run/phase_data.h"

/* Calls tell with a line for each, "impaired: delayed_ack acted on 0 of 60 sessions: ...". */
void idle_impairments(const struct phase_data *d, void (*tell)(void *arg, const char *line),
		      void *arg);

#endif
