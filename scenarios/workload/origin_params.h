/* origin_params.h - the two configurations of the workload "origin". Private to the origin files
 * and their tests. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_PARAMS_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_PARAMS_H

#include "scenarios/workload/rpc_params.h"

/* How an answer tells its end. */
enum origin_ends { ORIGIN_LENGTH, ORIGIN_CHUNKED, ORIGIN_CLOSE };

struct origin_client_cfg {
	struct rpc_client_cfg http; /* its rows are exchanges, timeout, method and host_name */
	uint64_t body;
};

struct origin_server_cfg {
	uint64_t body, chunk; /* chunk: bytes */
	int ends;	      /* enum origin_ends */
	bool go_on;	      /* whether Expect: 100-continue is answered by 100 */
	bool nodelay;
	int64_t service;
};

#endif
