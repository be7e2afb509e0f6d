/* activesync_params.h - the two configurations of the workload "activesync". Private to the
 * activesync files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_PARAMS_H

#include "scenarios/workload/rpc_params.h"

struct activesync_client_cfg {
	struct rpc_client_cfg http;
	int64_t heartbeat; /* whole seconds; 0: no Ping */
};

struct activesync_server_cfg {
	struct rpc_server_cfg http;
	uint64_t items;
	int64_t change_every; /* 0: never */
};

#endif
