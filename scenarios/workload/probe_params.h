/* probe_params.h - the configuration of the client of the workload "probe". Private to the probe
 * files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROBE_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_PROBE_PARAMS_H

#include "scenarios/workload/users.h"

enum probe_check { PROBE_CONNECT, PROBE_ALLOCATE, PROBE_OPTIONS };

struct probe_client_cfg {
	struct users_load load;
	double timeout_varies; /* share of timeout */
	int64_t timeout;
	int check; /* enum probe_check */
	char *password;
};

#endif
