/* doubts.h - what else may look like a stall's cause from where the capture was taken: its label
 * then says so, and which other capture would tell. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_DOUBTS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_DOUBTS_H

#include "scenarios/diagnosis/gap.h"
#include "scenarios/diagnosis/tallies.h"
#include "scenarios/diagnosis/vantage.h"

/* Labels a stall that has no label yet. */
void doubt_stall(const struct gap *g, enum vantage v, struct stall *s);
/* Of the stalls of one service, with so many exchanges: withdraws doubts of those that are too many
 * for loss, and doubts pauses that are all as long, unless the capture is the server's. */
void doubts_settle(struct tallies *t, uint64_t exchanges, enum vantage v);

/* Returns whether the label says that another capture would tell. NULL: no. */
bool doubt_asks_elsewhere(const char *label);

#endif
