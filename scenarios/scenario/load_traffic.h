/* load_traffic.h - "client:", "server:" and "siblings:" of a scenario file. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_TRAFFIC_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_TRAFFIC_H

#include "scenarios/scenario/loader.h"

/* Reads the traffics of the whole file into l->traffic. */
int load_traffic(struct loader *l, struct yaml_node *root) WG_MUSTUSE;

/* Reads a phase's own client: or server: parameters into its copy of the main traffic. */
int load_role_params(struct loader *l, struct yaml_node *n, struct traffic *t,
		     bool server) WG_MUSTUSE;

#endif
