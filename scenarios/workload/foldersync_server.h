/* foldersync_server.h - the server of the workload "foldersync". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int foldersync_server(const struct workload_task *task);

#endif
