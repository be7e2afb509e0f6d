/* sip_server.h - the server of the workload "sip", until the runner ends it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_SERVER_H

#include "scenarios/workload/workload.h"

int sip_server(const struct workload_task *task); /* as struct workload has it */

#endif
