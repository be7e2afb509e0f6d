/* step_runner.h - when the next action of a phase's steps is due, by times that the caller brings.
 * Pure: does none of them. */
#ifndef WEDGE_SCENARIOS_RUN_STEP_RUNNER_H
#define WEDGE_SCENARIOS_RUN_STEP_RUNNER_H

#include "scenarios/scenario/step_program.h"

/* An action is taken when it is due, and done later; the next one is due its time after that. One
 * that took no time to speak of keeps to the plan, so that ramps don't drift. */
struct step_runner {
	const struct step_program *program;
	size_t next;	/* the action that is due next, or under way */
	int64_t due;	/* nanoseconds */
	bool under_way; /* it has been taken, and isn't done */
};

/* Begins the program, which must outlive r and isn't empty. */
void step_runner_begin(struct step_runner *r, const struct step_program *program, int64_t now);

/* Returns when the next action is due; INT64_MAX while one is under way, and at the end. */
int64_t step_runner_due(const struct step_runner *r);

/* Takes the next action when it is due, else returns NULL. The end is taken, too. */
const struct step_action *step_runner_take(struct step_runner *r, int64_t now);

/* The action under way is done. quick: it was done as soon as it was taken. */
void step_runner_done(struct step_runner *r, int64_t now, bool quick);

#endif
