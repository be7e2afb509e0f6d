/* rdp_params.h - the two configurations of the workload "rdp". Private to the rdp files and their
 * tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RDP_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_RDP_PARAMS_H

#include "scenarios/workload/users.h"

struct rdp_client_cfg {
	struct users_load load;
	int64_t timeout;
	double timeout_varies;
	uint64_t per_connection;
};

struct rdp_server_cfg {
	int64_t service;
	double service_varies;
};

#endif
