/* html_origin.h - where the figures come from: the environment, the files, and how to run it again.
 * Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_ORIGIN_H
#define WEDGE_SCENARIOS_REPORT_HTML_ORIGIN_H

#include "scenarios/run/result.h"

#include <stdio.h>

void html_environment(const struct result *r, FILE *out);
void html_files(const struct result *r, FILE *out);

#endif
