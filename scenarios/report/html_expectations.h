/* html_expectations.h - what was expected, as tables of the page: documented figures beside the
 * measured ones, and all the rest. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_EXPECTATIONS_H
#define WEDGE_SCENARIOS_REPORT_HTML_EXPECTATIONS_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes those that the source documents; nothing when it documents none. */
void html_documented(const struct result *r, FILE *out);

/* Writes the other ones, and those that were not judged. */
void html_expectations(const struct result *r, FILE *out);

#endif
