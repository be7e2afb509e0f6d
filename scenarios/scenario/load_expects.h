/* load_expects.h - "expect:" and "show:" of a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_EXPECTS_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_EXPECTS_H

#include "scenarios/scenario/loader.h"

/* Each reads its section into l->s, after the phases and the sweep. */
int load_expects(struct loader *l, struct yaml_node *n) WG_MUSTUSE;
int load_show(struct loader *l, struct yaml_node *n) WG_MUSTUSE; /* n NULL: the usual rows */

#endif
