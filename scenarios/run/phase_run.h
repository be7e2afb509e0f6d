/* phase_run.h - one phase, run for real: a lab, its roles, their messages, the two captures.
 * Observes; judges nothing. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_RUN_H
#define WEDGE_SCENARIOS_RUN_PHASE_RUN_H

#include "scenarios/run/phase_data.h"
#include "scenarios/run/phase_roles.h"
#include "scenarios/run/progress.h"

/* Runs the phase once, under that label ("impaired", with a sweep "impaired@600"), and shows its
 * progress. The caller frees the data, which p must outlive. NULL with *e when the phase could not
 * be run to its end; nothing of the lab is left. */
struct phase_data *phase_run(const struct phase *p, const char *label, double sweep_value,
			     const struct phase_options *options, struct progress *progress,
			     struct err *e) WG_MUSTUSE;

#endif
