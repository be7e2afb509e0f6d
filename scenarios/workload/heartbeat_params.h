/* heartbeat_params.h - the configuration of the client of the workload "heartbeat"; its server has
 * none. Private to the heartbeat files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_PARAMS_H

#include "scenarios/workload/users.h"

#define HEARTBEAT_NUMBER 8 /* digits that a beat begins with: its number */

struct heartbeat_client_cfg {
	struct users_load load;
	uint64_t size;
	int64_t every, timeout;
	double every_varies; /* share of every */
};

/* A configuration has a size. */
struct heartbeat_server_cfg {
	char none;
};

#endif
