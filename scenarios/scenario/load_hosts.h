/* load_hosts.h - "hosts:" of a scenario file and of a phase, the hosts of its roles, and traffics
 * that stand behind another one. */
#ifndef WEDGE_SCENARIOS_SCENARIO_LOAD_HOSTS_H
#define WEDGE_SCENARIOS_SCENARIO_LOAD_HOSTS_H

#include "scenarios/scenario/loader.h"

/* Reads the hosts of the whole file into l->hosts, before the traffics. */
int load_hosts(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

/* Reads a phase's own settings of hosts into its copy. */
int load_host_settings(struct loader *l, struct yaml_node *n, struct host_list *hosts) WG_MUSTUSE;

/* Reads "host:" and "hosts:" of a role, which is a mapping; without them it stays where it is. */
int load_role_hosts(struct loader *l, struct yaml_node *n, struct role_spec *r,
		    bool server) WG_MUSTUSE;

/* Reads "behind:" of the last traffic, whose node is n: it gets its leader's port and server. */
int load_behind(struct loader *l, struct yaml_node *n) WG_MUSTUSE;

/* Refuses the last traffic when it is behind another one and no vantage could tell it from the
 * others there. key: the traffic's name in the file. */
int check_behind(struct loader *l, struct yaml_node *key) WG_MUSTUSE;

#endif
