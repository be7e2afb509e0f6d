/* foldersync.h - the workload "foldersync": mail clients that fetch lists of their folders' items
 * by WebDAV. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_H
#define WEDGE_SCENARIOS_WORKLOAD_FOLDERSYNC_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_foldersync;

#endif
