/* needs.h - whether a parameter that needs another one (struct param's needs) has it, wherever it
 * is set: by "quick:", a sweep, a step, or the command line. Knows no files and no places in them.
 */
#ifndef WEDGE_SCENARIOS_SCENARIO_NEEDS_H
#define WEDGE_SCENARIOS_SCENARIO_NEEDS_H

#include "scenarios/scenario/scenario.h"
#include "scenarios/scenario/step_program.h"

/* Returns the name of the parameter without which sets[i], "KEY=VALUE" or "KEY" and done already,
 * has no effect in any phase; NULL when some phase has it, a step of it sets it, another one of the
 * n sets does, or the sweep. */
const char *scenario_set_lacks(const struct scenario *s, const char *const *sets, size_t n,
			       size_t i);

/* Checks so all that were set from the command line. */
int scenario_check_needs(const struct scenario *s, const char *const *sets, size_t n,
			 struct err *e) WG_MUSTUSE;

/* Returns the name of the parameter without which setting action i of a program has no effect: the
 * phase, as the actions up to this one have made it, has it at its default, and no later action
 * sets it. NULL: there is none. */
const char *step_action_lacks(const struct step_program *program, size_t i, const struct phase *p);

#endif
