/* doubts.h - what else may look like a stall's cause from where the capture was taken: its label
 * then says so, and which other capture would tell. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DOUBTS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DOUBTS_H

#include "scenarios/diagnosis/gap.h"
#include "scenarios/diagnosis/tallies.h"
#include "scenarios/diagnosis/vantage.h"

/* Labels a stall that has no label yet. */
void doubt_stall(const struct gap *g, enum vantage v, struct stall *s);
/* Withdraws doubts of the stalls of one service that are too many for loss, of so many exchanges.
 */
void doubts_settle(struct tallies *t, uint64_t exchanges);

#endif
