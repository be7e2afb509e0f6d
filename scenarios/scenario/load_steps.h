/* load_steps.h - "steps:" of a phase in a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_STEPS_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_STEPS_H

#include "scenarios/scenario/loader.h"

/* Reads a phase's steps into it; refuses words that no step has, values that are none, and a list
 * without an end or empty. Whether what they name is there, step_check.h asks. */
int load_steps(struct loader *l, struct yaml_node *n, struct phase *p) WG_MUSTUSE;

/* Gives the phases whose steps are another phase's ("steps: impaired") their copy of them; n is the
 * mapping of phases. */
int load_borrowed_steps(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

#endif
