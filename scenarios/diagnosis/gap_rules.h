/* gap_rules.h - gives a gap its one cause: the first rule that it is a case of, in the order of
 * docs/rules.md. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_GAP_RULES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_GAP_RULES_H

#include "scenarios/diagnosis/gap.h"

/* Fills *s; a gap that no rule knows has CAUSE_UNKNOWN. */
void gap_classify(const struct gap *g, struct stall *s);

/* Returns the shortest gap that is a stall, by the connection's round trip (0: not known):
 * max(20 ms, min(2 round trips, the retransmission timeout)). */
int64_t gap_stall_min(int64_t rtt);

#endif
