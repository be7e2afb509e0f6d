/* freebusy_server.h - the server of the workload "freebusy". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_FREEBUSY_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int freebusy_server(const struct workload_task *task);

#endif
