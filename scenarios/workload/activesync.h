/* activesync.h - the workload "activesync": phones that synchronise their mail, and wait for news.
 */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_H
#define WEDGE_SCENARIOS_WORKLOAD_ACTIVESYNC_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_activesync;

#endif
