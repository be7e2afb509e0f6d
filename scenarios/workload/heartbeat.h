/* heartbeat.h - the workload "heartbeat": beats by a timer, each of which comes back as an echo. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_H
#define WEDGE_SCENARIOS_WORKLOAD_HEARTBEAT_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_heartbeat;

#endif
