/* run_with.h - "wedge run NAME --with COMMAND" and "--real-client": a real program in the phases of
 * a scenario, and what it says in each side by side. */
#ifndef WEDGE_SCENARIOS_CLI_RUN_WITH_H
#define WEDGE_SCENARIOS_CLI_RUN_WITH_H

#include "scenarios/cli/run_args.h"
#include "scenarios/scenario/scenario.h"

/* Returns whether the command line wants that. */
bool run_with_wanted(const struct run_args *a);

/* Refuses what doesn't go together with it, and scenarios that have no real client of their own
 * where one is wanted. */
int run_with_check(struct scenario *const *list, size_t n, const struct run_args *a,
		   struct err *e) WG_MUSTUSE;

/* Runs them in turn and prints each. Returns the worst exit status: 0 the program ended well in
 * every phase, or as the scenario says of it; 1 it didn't; 2 it could not be run. */
int run_with(struct scenario *const *list, size_t n, const struct run_args *a);

#endif
