/* rules_window.h - waits for the receiver: R4's held ACK, R7's closed or full window, and ACKs that
 * are late. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_WINDOW_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_WINDOW_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_window_closed;
gap_rule_fn rule_delayed_ack;
gap_rule_fn rule_waits_for_ack;

/* A window has room for less than a segment, and nothing is under way: the sender lets a timer pass
 * before it fills it (RFC 9293 3.8.6.2.1). */
gap_rule_fn rule_small_window;

#endif
