/* origin_server.h - the server of the workload "origin". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ORIGIN_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_ORIGIN_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int origin_server(const struct workload_task *task);

#endif
