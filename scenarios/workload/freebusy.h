/* freebusy.h - the workload "freebusy": a meeting planner that asks Exchange Web Services which
 * rooms are free. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_H
#define WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_freebusy;

#endif
