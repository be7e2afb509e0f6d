/* step_check.h - whether what the steps of a phase name is there, takes the values that they set,
 * and is running when they need it. */
#ifndef WEDGE_SCENARIOS_SCENARIO_STEP_CHECK_H
#define WEDGE_SCENARIOS_SCENARIO_STEP_CHECK_H

#include "scenarios/scenario/phase.h"

/* Refuses, with the place of the step in the file, a role, traffic, impairment or parameter that
 * isn't there, a value that is none, an order to a role that doesn't run (or runs already), and a
 * state of the impairments that impairment_set_check would refuse. */
int steps_check(const struct phase *p, bool forwarded, struct err *e) WG_MUSTUSE;

/* Returns whether metrics of the phase may name that section: "start", or one that a step begins.
 */
bool steps_have_section(const struct step *list, size_t n, const char *name);

/* Fills names with the sections that the steps begin, at most max of them; returns how many. */
size_t steps_sections(const struct step *list, size_t n, const char **names, size_t max);

#endif
