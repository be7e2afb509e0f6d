/* phase_roles.h - who plays in a phase: the roles of the lab made from a phase's traffics, in the
 * order in which they must be ready, and what each has said so far. */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_ROLES_H
#define WEDGE_SCENARIOS_RUN_PHASE_ROLES_H

#include "scenarios/capture/tap.h"
#include "scenarios/lab/lab.h"
#include "scenarios/run/phase_run.h"
#include "scenarios/run/wedge_role.h"

enum role_part { PART_SERVER, PART_WEDGE, PART_TAP, PART_CLIENT };

struct role_state {
	enum role_part part;
	size_t traffic; /* PART_SERVER, PART_CLIENT */
	enum leg leg;	/* PART_TAP */
	bool ready, stopped, gone;
	json_t *result; /* NULL until it has told */
	uint64_t progress;
};

struct phase_roles {
	struct lab_role *roles; /* n of them; actors[i] plays roles[i] */
	struct role_state *state;
	size_t n;
	struct wedge_role_config wedge;
	struct tap_config taps[LEG_COUNT];
	void **args; /* owned role arguments */
	char **names;
};

void phase_roles_init(struct phase_roles *c, const struct phase *p, const char *label,
		      const struct phase_run_options *o);
void phase_roles_free(struct phase_roles *c);

#endif
