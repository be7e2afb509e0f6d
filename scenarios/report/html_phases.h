/* html_phases.h - the phases as part of the page: what was impaired, and what was measured, side by
 * side. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_PHASES_H
#define WEDGE_SCENARIOS_REPORT_HTML_PHASES_H

#include "scenarios/run/result.h"

#include <stdio.h>

void html_phases(const struct result *r, FILE *out);

#endif
