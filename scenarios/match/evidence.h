/* evidence.h - the figure of a condition as a person reads it: "37 of 40 exchanges, 201 ms". */
#ifndef WEDGE_SCENARIOS_MATCH_EVIDENCE_H
#define WEDGE_SCENARIOS_MATCH_EVIDENCE_H

#include "scenarios/match/scope.h"
#include "scenarios/scenario/expect.h"

/* Returns how many of how many the first figure of the condition counts, and how long they
 * typically are. The caller frees. */
char *evidence_text(const struct expect *condition, const struct scope *s);

#endif
