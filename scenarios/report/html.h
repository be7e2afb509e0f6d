/* html.h - a result as one page for a browser: needs no other file, no network and no script.
 * Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_H
#define WEDGE_SCENARIOS_REPORT_HTML_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes report.html (docs/report-format.md). 0, or -1 when out has failed. */
int report_html(const struct result *r, FILE *out);

#endif
