/* load_signatures.h - "signature:", "failure:" and "family:" of a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_SIGNATURES_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_SIGNATURES_H

#include "scenarios/scenario/loader.h"

/* Each reads its section into l->s, after the phases and the sweep. */
int load_signatures(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_failure(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_family(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

#endif
