/* relay_params.h - the two configurations of the workload "relay". Private to the relay files and
 * their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RELAY_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_RELAY_PARAMS_H

#include "scenarios/workload/users.h"

struct relay_client_cfg {
	struct users_load load;
	double timeout_varies; /* share of timeout */
	int64_t timeout, hold;
	uint64_t media; /* bytes a second */
	char *password;
};

struct relay_server_cfg {
	int64_t service;
	char *password;
};

#endif
