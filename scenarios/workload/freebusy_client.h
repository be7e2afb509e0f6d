/* freebusy_client.h - the client of the workload "freebusy". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int freebusy_client(const struct workload_task *task);

#endif
