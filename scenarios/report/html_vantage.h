/* html_vantage.h - the vantage table as part of the page. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_VANTAGE_H
#define WEDGE_SCENARIOS_REPORT_HTML_VANTAGE_H

#include "scenarios/run/result.h"

#include <stdio.h>

void html_vantage(const struct result *r, FILE *out);

#endif
