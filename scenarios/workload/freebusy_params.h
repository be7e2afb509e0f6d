/* freebusy_params.h - the two configurations of the workload "freebusy". Private to the freebusy
 * files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_PARAMS_H

#include "scenarios/workload/rpc_params.h"

struct freebusy_client_cfg {
	struct rpc_client_cfg http;
	uint64_t rooms, per_request;
};

struct freebusy_server_cfg {
	struct rpc_server_cfg http;
};

#endif
