/* cell.h - one run of the command against one fault, in a lab of its own: a scenario is written,
 * played with the command as its guest, and what the command did and the wire showed are the facts.
 * Grades nothing. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_H
#define WEDGE_SCENARIOS_CHECK_CELL_H

#include "proxy/base/err.h"
#include "scenarios/check/cell_facts.h"
#include "scenarios/check/plan.h"

#include <stdint.h>

/* Plays variant v of point p (NULL, NULL: the healthy run) in folder, which is there and empty, and
 * is left with the scenario, the captures and what the command printed. The caller frees *f with
 * cell_facts_fini. -1 with *e: it couldn't be played. */
int cell_play(const struct check_plan *plan, const struct check_places *places,
	      const struct hang_point *p, const struct hang_variant *v, const char *folder,
	      struct cell_facts *f, struct err *e) WG_MUSTUSE;

#endif
