/* vantage_table.h - one transaction of each phase at every place where it was measured, and whose
 * time the differences are. Nothing is averaged. Not part of the verdict. */
#ifndef WEDGE_SCENARIOS_RUN_VANTAGE_TABLE_H
#define WEDGE_SCENARIOS_RUN_VANTAGE_TABLE_H

#include "scenarios/run/judge.h"

/* Fills r->transactions, one for each phase: of the main traffic's exchanges that can be told apart
 * from all others, the one that failed last, or else took longest. */
void vantage_table_fill(struct result *r, const struct measured *m);

#endif
