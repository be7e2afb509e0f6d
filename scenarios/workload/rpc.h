/* rpc.h - the workload "rpc": HTTP/1.1 requests, one after the other on kept-alive connections;
 * each response leaves in as many writes as its parameter lists. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RPC_H
#define WEDGE_SCENARIOS_WORKLOAD_RPC_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_rpc;

#endif
