/* junit.h - a result as JUnit for build servers: the expectations as test cases. Formats, never
 * computes. */
#ifndef WEDGE_SCENARIOS_REPORT_JUNIT_H
#define WEDGE_SCENARIOS_REPORT_JUNIT_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes junit.xml (docs/report-format.md). 0, or -1 when out has failed. */
int report_junit(const struct result *r, FILE *out);

#endif
