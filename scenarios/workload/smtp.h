/* smtp.h - the workload "smtp": mail that one host hands to another. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SMTP_H
#define WEDGE_SCENARIOS_WORKLOAD_SMTP_H

#include "scenarios/workload/workload.h"

extern const struct workload workload_smtp;

#endif
