/* vantage_check.h - whether the vantages that a scenario's signature promises have shown anything
 * of its main traffic. Can only make a run invalid. */
#ifndef WEDGE_SCENARIOS_RUN_VANTAGE_CHECK_H
#define WEDGE_SCENARIOS_RUN_VANTAGE_CHECK_H

#include "scenarios/run/judge.h"

/* Returns why the run can't be a witness for the signature, one line that the caller frees, or
 * NULL: each promised capture of the phase "impaired" has packets of the main traffic, or the phase
 * was not run. */
char *vantage_check(const struct measured *m);

#endif
