/* sip.h - the workload "sip": see its summary, and docs/workloads.md. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_sip;

#endif
