/* html_distribution.h - the distribution of response times, a strip of bars for each phase over one
 * common axis, as inline SVG. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_DISTRIBUTION_H
#define WEDGE_SCENARIOS_REPORT_HTML_DISTRIBUTION_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Says so where there is no sample. */
void html_distribution(const struct result *r, FILE *out);

#endif
