/* smtp_server.h - the server of the workload "smtp". */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SMTP_SERVER_H
#define WEDGE_SCENARIOS_WORKLOAD_SMTP_SERVER_H

#include "scenarios/workload/workload.h"

/* The server's process (struct workload). Returns the exit status. */
int smtp_server(const struct workload_task *task);

#endif
