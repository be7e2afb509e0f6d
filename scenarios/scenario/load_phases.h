/* load_phases.h - "phases:", "sweep:" and "quick:" of a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_PHASES_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_PHASES_H

#include "scenarios/scenario/loader.h"

/* Each reads its section into l->s, phases after the traffics, the others after the phases. */
int load_phases(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_sweep(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_quick(struct loader *l, struct yaml_node *n) WG_MUSTUSE; /* applies the overrides */

#endif
