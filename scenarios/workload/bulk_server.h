/* bulk_server.h - the server of the workload "bulk". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_BULK_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_BULK_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int bulk_server(const struct workload_task *task);

#endif
