/* run_blind.h - "wedge run --blind": a failure is played, and nothing that is printed tells which.
 */
#ifndef WEDGE_SCENARIOS_CLI_RUN_BLIND_H
#define WEDGE_SCENARIOS_CLI_RUN_BLIND_H

#include "scenarios/cli/run_args.h"

/* names: of the candidates, none for all of the catalogue. Returns the exit status, or -1 with *e.
 */
int run_blind(char *const *names, size_t n, const struct run_args *a, struct err *e) WG_MUSTUSE;

#endif
