/* smtp_params.h - the two configurations of the workload "smtp". Private to the smtp files and
 * their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SMTP_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_SMTP_PARAMS_H

#include "scenarios/workload/keepalive.h"
#include "scenarios/workload/users.h"

struct smtp_client_cfg {
	struct users_load load;
	uint64_t message, per_connection;
	int64_t timeout;
	struct keepalive keepalive;
};

struct smtp_server_cfg {
	int64_t service;
	double service_varies;
};

#endif
