/* text.h - a result as text for people: verdict first and last, phases side by side, the documented
 * number beside the measured one. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_TEXT_H
#define WEDGE_SCENARIOS_REPORT_TEXT_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes report.txt (docs/report-format.md). 0, or -1 when out has failed. */
int report_text(const struct result *r, FILE *out);

#endif
