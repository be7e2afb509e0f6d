/* rules_think.h - waits for an application: R3, R9, R11, R12 and R13. TCP has nothing left to do
 * when these are asked. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_THINK_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_THINK_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_delivered_late;
gap_rule_fn rule_midstream_silence;
gap_rule_fn rule_accepted_silent;
gap_rule_fn rule_server_think;
gap_rule_fn rule_pause;
gap_rule_fn rule_idle_or_stalled;
gap_rule_fn rule_client_think;

#endif
