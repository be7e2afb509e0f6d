/* step_program.h - a phase's steps laid out in their order: repetitions written out, ramps as many
 * single settings, waits as the time that an action comes after the one before. Pure: knows no
 * clock and no role. */
#ifndef WEDGE_SCENARIOS_SCENARIO_STEP_PROGRAM_H
#define WEDGE_SCENARIOS_SCENARIO_STEP_PROGRAM_H

#include "proxy/base/err.h"
#include "scenarios/scenario/step.h"

#define STEP_ACTIONS_MAX 20000 /* of one phase */

struct step_action {
	const struct step *step; /* borrowed; NULL: the end, which does nothing */
	int64_t after;		 /* nanoseconds since the action before it was done */
	char *value;		 /* of a setting; NULL for other steps */
};

struct step_program {
	struct step_action *v; /* the last one is the end */
	size_t n;
};

/* Lays out n steps, which must outlive *out; the seed draws the times of waits that are ranges. -1
 * with *e: a ramp has no such values, or there are more than STEP_ACTIONS_MAX actions; the message
 * has no place. */
int step_program_make(const struct step *steps, size_t n, uint64_t seed, struct step_program *out,
		      struct err *e) WG_MUSTUSE;
void step_program_fini(struct step_program *p);

/* Returns how often the program starts that role on that host; *begins is whether its first order
 * is a start, so that it isn't there before. */
size_t step_program_starts(const struct step_program *p, const char *role, const char *host,
			   bool *begins);

/* Returns whether the program unplugs a host. */
bool step_program_unplugs(const struct step_program *p);

#endif
