/* foldersync_params.h - the two configurations of the workload "foldersync". Private to the
 * foldersync files and their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_PARAMS_H

#include "scenarios/workload/rpc_params.h"

enum foldersync_encoding { FOLDERSYNC_CHUNKED, FOLDERSYNC_LENGTH };

struct foldersync_client_cfg {
	struct rpc_client_cfg http;
	uint64_t folder, folders;
};

struct foldersync_server_cfg {
	struct rpc_server_cfg http;
	char *items; /* as written: "10,50,300" */
	char *item;  /* as written: "1KB,2KB" */
	int encoding;
	uint64_t chunk;
};

#endif
