/* sip_client.h - the client of the workload "sip", until all exchanges are over or the runner ends
 * it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_CLIENT_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_CLIENT_H

#include "scenarios/workload/workload.h"

int sip_client(const struct workload_task *task); /* as struct workload has it */

#endif
