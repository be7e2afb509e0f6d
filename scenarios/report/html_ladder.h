/* html_ladder.h - the packets that prove the failure, as a ladder between client and server, with
 * their frame numbers and what wedge did there. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_LADDER_H
#define WEDGE_SCENARIOS_REPORT_HTML_LADDER_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Nothing where there is no connection to show. */
void html_ladder(const struct result *r, FILE *out);

#endif
