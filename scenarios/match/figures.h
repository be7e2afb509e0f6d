/* figures.h - what a signature's conditions can be about: sums over the connections of one service
 * of a capture, by name. docs/signatures.md has the table. */
#ifndef WEDGE_SCENARIOS_MATCH_FIGURES_H
#define WEDGE_SCENARIOS_MATCH_FIGURES_H

#include "scenarios/match/scope.h"
#include "scenarios/scenario/metric_ref.h"

/* A metric_known_fn for references without a vantage; arg is unused. */
int figure_known(void *arg, const struct metric_ref *ref, struct err *e);

/* Computes the figure. -1 with *e when there is nothing to compute it of: no such stall, or, for
 * other.NAME, no other service. The reference is known. */
int figure_value(const struct scope *s, const struct metric_ref *ref, double *out, struct err *e);

/* Returns whether the figure says something of losses, where the capture lacks packets itself: it
 * has a value, and nothing may be concluded from it. */
bool figure_withheld(const struct scope *s, const struct metric_ref *ref);

/* Returns whether the figure is a set of times, with statistics, and no single value. */
bool figure_has_times(const char *name);

/* Returns what a figure that is no part of anything counts, "connections at once"; or NULL. */
const char *figure_number_words(const char *name);

#endif
