/* bulk_client.h - the client of the workload "bulk". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_BULK_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_BULK_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int bulk_client(const struct workload_task *task);

#endif
