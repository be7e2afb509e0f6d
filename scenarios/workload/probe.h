/* probe.h - the workload "probe": see its summary, and docs/workloads.md. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROBE_H
#define WEDGE_SCENARIOS_WORKLOAD_PROBE_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_probe;

#endif
