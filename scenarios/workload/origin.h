/* origin.h - the workload "origin": a web server for real clients, whose answer is known to the
 * byte. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_H

#include "scenarios/workload/origin_body.h"
#include "scenarios/workload/workload.h"

extern const struct workload workload_origin;

#endif
