/* relay.h - the workload "relay": see its summary, and docs/workloads.md. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RELAY_H
#define WEDGE_SCENARIOS_WORKLOAD_RELAY_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_relay;

#endif
