/* rdp_server.h - the server of the workload "rdp". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RDP_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_RDP_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int rdp_server(const struct workload_task *task);

#endif
