/* analyze_pair.h - "wedge analyze" of two captures of one traffic, or of both legs of one capture.
 */
#ifndef WEDGE_SCENARIOS_CLI_ANALYZE_PAIR_H
#define WEDGE_SCENARIOS_CLI_ANALYZE_PAIR_H

#include "scenarios/cli/analyze_args.h"

/* Writes all that was asked for, of both captures or, where there is one, of its legs. -1 with *e.
 */
int analyze_pair(const struct analyze_args *a, struct err *e) WG_MUSTUSE;

#endif
