/* origin_client.h - the client of the workload "origin". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int origin_client(const struct workload_task *task);

#endif
