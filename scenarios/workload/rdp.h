/* rdp.h - the workload "rdp": remote desktop sessions that are opened, and kept. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RDP_H
#define WEDGE_SCENARIOS_WORKLOAD_RDP_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_rdp;

#endif
