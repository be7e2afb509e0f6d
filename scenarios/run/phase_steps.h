/* phase_steps.h - a phase's steps, done: each in its time and answered by the roles that it
 * concerns before the next one comes. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_STEPS_H
#define WEDGE_SCENARIOS_RUN_PHASE_STEPS_H

#include "scenarios/run/phase_messages.h"

/* Does the steps of a phase whose clients have been started; keeps sections and what was done when
 * in r->data. An await whose time runs out ends them, and is told in r->data->unreached. -1 with
 * *e: a role has failed or doesn't answer. */
int phase_steps_run(struct phase_runner *r, struct err *e) WG_MUSTUSE;

#endif
