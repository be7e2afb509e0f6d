/* cell_target.h - a cell whose server is outside: the command runs under "wedge exec", which meets
 * its connections with the fault on their way there. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_TARGET_H
#define WEDGE_SCENARIOS_CHECK_CELL_TARGET_H

#include "scenarios/check/cell_facts.h"
#include "scenarios/check/plan.h"

/* As cell_play. */
int cell_target_play(const struct check_plan *plan, const struct check_places *places,
		     const struct hang_point *p, const struct hang_variant *v, const char *folder,
		     struct cell_facts *f, struct err *e) WG_MUSTUSE;

#endif
