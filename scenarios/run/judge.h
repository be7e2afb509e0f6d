/* judge.h - expectations, the side-by-side table and the verdict, from what the phases measured. */
#ifndef WEDGE_SCENARIOS_RUN_JUDGE_H
#define WEDGE_SCENARIOS_RUN_JUDGE_H

#include "scenarios/run/phase_data.h"
#include "scenarios/run/result.h"
#include "scenarios/scenario/scenario.h"

/* Everything that was run: n phases in order, a swept phase once for each value. */
struct measured {
	const struct scenario *scenario;
	struct phase_data **phases;
	size_t n;
};

/* Fills result's expectations: judged, or skipped when a phase that one of them names wasn't run.
 */
void judge_expectations(struct result *r, const struct measured *m);

/* Fills result's rows: the metrics of the scenario's "show:" list, or the usual ones. */
void judge_rows(struct result *r, const struct measured *m);

/* Fills result's looks: where its captures show the scenario's signatures, as far as those were
 * taken. */
void judge_looks(struct result *r, const struct scenario *s);

/* Sets verdict and why from the expectations; leaves an invalid verdict alone. */
void judge_verdict(struct result *r);

#endif
