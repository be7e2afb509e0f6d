/* sessions.h - the workload "sessions": logons to a server by DCE/RPC. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SESSIONS_H
#define WEDGE_SCENARIOS_WORKLOAD_SESSIONS_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_sessions;

#endif
