/* known_metrics.c - a metric without a vantage is a figure of a capture. */
#include "scenarios/cli/known_metrics.h"

#include "scenarios/match/figures.h"
#include "scenarios/run/phase_metrics.h"

int metric_known(void *arg, const struct metric_ref *ref, struct err *e)
{
	return ref->vantage[0] ? phase_metric_known(arg, ref, e) : figure_known(arg, ref, e);
}
