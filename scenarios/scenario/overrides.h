/* overrides.h - single values of a loaded scenario, set from the command line or by "quick:". */
#ifndef WEDGE_SCENARIOS_SCENARIO_OVERRIDES_H
#define WEDGE_SCENARIOS_SCENARIO_OVERRIDES_H

#include "scenarios/scenario/scenario.h"

/* Sets one value: "PHASE.IMPAIRMENT.PARAM=VALUE", "PHASE=none", "client.exchanges=20" or
 * "server.response=..." (main traffic, every phase), "TRAFFIC.client.KEY=VALUE",
 * "lab.intercept=forward", "sweep=10,20,50". Done whole, or -1 with *e and nothing changed. */
int scenario_set(struct scenario *s, const char *assignment, struct err *e) WG_MUSTUSE;

/* Checks what several overrides together could have broken: impairments that the lab's mode can't
 * do, rules between a workload's parameters, expectations on values that aren't swept any more. */
int scenario_check(const struct scenario *s, struct err *e) WG_MUSTUSE;

#endif
