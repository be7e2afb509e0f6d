/* bulk.h - the workload "bulk": copies of files by SMB2. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_BULK_H
#define WEDGE_SCENARIOS_WORKLOAD_BULK_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_bulk;

#endif
