/* rules_connect.h - waits before the handshake is complete: R1, R2 and R5's SYN. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_CONNECT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_CONNECT_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_connecting;

#endif
