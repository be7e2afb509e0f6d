/* load_guest.h - "real_client:" of a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_GUEST_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_GUEST_H

#include "scenarios/scenario/loader.h"

/* Reads the section into l->s, after the phases. */
int load_guest(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

#endif
