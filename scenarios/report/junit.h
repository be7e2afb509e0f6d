/* junit.h - a result as JUnit for build servers: the expectations as test cases. Formats, never
 * computes. */
#ifndef WEDGE_SCENARIOS_REPORT_JUNIT_H
#define WEDGE_SCENARIOS_REPORT_JUNIT_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes junit.xml (docs/report-format.md). 0, or -1 when out has failed. */
int report_junit(const struct result *r, FILE *out);

/* What a file of several scenarios' suites begins with, and what all end with. */
#define JUNIT_ALL_BEGIN                                                                            \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- wedge run: several scenarios -->\n"      \
	"<testsuites>\n"
#define JUNIT_END "</testsuites>\n"

/* Copies the one suite of a file that report_junit() wrote. -1: there is none. */
int junit_copy_suite(const char *path, FILE *out);

/* Writes the suite of a scenario whose run has left no report: one error. */
void junit_failed_run(const char *scenario, const char *why, double elapsed, FILE *out);

#endif
