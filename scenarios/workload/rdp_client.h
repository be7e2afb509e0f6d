/* rdp_client.h - the client of the workload "rdp". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RDP_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_RDP_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int rdp_client(const struct workload_task *task);

#endif
