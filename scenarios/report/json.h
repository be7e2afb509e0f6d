/* json.h - a result as one JSON object for programs. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_JSON_H
#define WEDGE_SCENARIOS_REPORT_JSON_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes result.json (docs/report-format.md). 0, or -1 when out has failed. */
int report_json(const struct result *r, FILE *out);

#endif
