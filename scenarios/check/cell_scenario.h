/* cell_scenario.h - a cell as a scenario file, which "wedge run --with COMMAND" plays, too. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_SCENARIO_H
#define WEDGE_SCENARIOS_CHECK_CELL_SCENARIO_H

#include "scenarios/check/plan.h"

/* Returns the text of the file, the caller's to free. p and v as in cell_play. */
char *cell_scenario_text(const struct check_plan *plan, const struct check_places *places,
			 const struct hang_point *p, const struct hang_variant *v);

/* Returns the impairments of a variant (NULL: none), as one or more items of a scenario's list,
 * with their places filled in; the caller frees. */
char *cell_fault_text(const struct check_plan *plan, const struct check_places *places,
		      const struct hang_variant *v);

/* The built-in web server's answer: bytes of its body, and of each chunk where it has chunks. */
#define CHECK_BODY  65536
#define CHECK_CHUNK 4096

/* Tells the places from the bytes that a healthy server sent on its busiest connection. */
void check_places_find(const struct check_plan *plan, uint64_t from_server,
		       struct check_places *places);

/* Returns whether wedge has a server of its own for the protocol. */
bool check_has_server(enum check_protocol p);

#endif
