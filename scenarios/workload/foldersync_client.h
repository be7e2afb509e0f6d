/* foldersync_client.h - the client of the workload "foldersync". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_CLIENT_H

#include "scenarios/workload/workload.h"

/* The client's process (struct workload). Returns the exit status. */
int foldersync_client(const struct workload_task *task);

#endif
