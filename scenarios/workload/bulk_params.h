/* bulk_params.h - the two configurations of the workload "bulk". Private to the bulk files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_BULK_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_BULK_PARAMS_H

#include "scenarios/workload/users.h"

struct bulk_client_cfg {
	struct users_load load;
	char *share, *file;
	uint64_t read, reads, per_connection;
	int64_t timeout;
};

struct bulk_server_cfg {
	uint64_t size;
};

#endif
