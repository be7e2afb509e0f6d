/* rules_window.h - waits for the receiver: R4's held ACK, R7's closed or full window, and ACKs that
 * are late. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_WINDOW_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_WINDOW_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_window_closed;
gap_rule_fn rule_delayed_ack;
gap_rule_fn rule_waits_for_ack;

#endif
