/* rules_end.h - waits for a connection's end: R17. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RULES_END_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RULES_END_H

#include "scenarios/diagnosis/gap.h"

gap_rule_fn rule_close_stuck;

#endif
