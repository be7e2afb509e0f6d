/* phase_messages.h - the roles of a phase at work and what they tell the runner, whichever speaks.
 * Knows neither the order of a phase (phase_run.h) nor its steps (phase_steps.h). */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_MESSAGES_H
#define WEDGE_SCENARIOS_RUN_PHASE_MESSAGES_H

#include "scenarios/run/phase_data.h"
#include "scenarios/run/phase_roles.h"
#include "scenarios/run/progress.h"

struct phase_runner {
	struct phase_roles roles;
	struct lab *lab;
	struct phase_data *data;
	struct progress *progress;
	int64_t last_message; /* nanoseconds of CLOCK_MONOTONIC */
};

/* Sends role i a message that is only a word. -1 with *e: the role has ended. */
int phase_send(struct phase_runner *r, size_t i, const char *what, struct err *e) WG_MUSTUSE;

/* Waits at most so many nanoseconds and takes what the roles have sent. -1 with *e: one has failed,
 * or ended without a result. */
int phase_poll(struct phase_runner *r, int64_t timeout, struct err *e) WG_MUSTUSE;

/* Returns whether role i is the guest of a phase that has one (guest.h). */
bool phase_is_guest(const struct phase_runner *r, size_t i);

/* Returns whether the guest begins with a section of the phase's steps. */
bool phase_guest_waits(const struct phase_runner *r);
int phase_start_guest(struct phase_runner *r, struct err *e) WG_MUSTUSE; /* none: does nothing */

/* Returns whether the phase has a guest that has sent its result. */
bool phase_guest_ended(const struct phase_runner *r);

/* Returns whether every role that has begun is ready. */
bool phase_all_ready(const struct phase_runner *r);

/* Returns whether every begun role of that kind (of all traffics, or only of the main one) has sent
 * its result. */
bool phase_have_result(const struct phase_runner *r, enum role_kind kind, bool main_only);

/* Returns the name of the first role that isn't ready, or hasn't sent its result. */
const char *phase_find_missing(const struct phase_runner *r, bool ready);

#endif
