/* report.h - the writers: one result as text for people, JSON for programs, JUnit for build
 * servers. They format; they never compute (docs/report-format.md). */
#ifndef WEDGE_SCENARIOS_REPORT_REPORT_H
#define WEDGE_SCENARIOS_REPORT_REPORT_H

#include "proxy/base/err.h"
#include "scenarios/run/result.h"

#include <stdio.h>

/* Each returns 0, or -1 when out has failed. */
int report_text(const struct result *r, FILE *out);
int report_json(const struct result *r, FILE *out);
int report_junit(const struct result *r, FILE *out);

/* report.txt, result.json and junit.xml in folder. Each is written under another name and renamed
 * when it is whole. 0, or -1 with *e; what was not finished is removed. */
int report_write_folder(const struct result *r, const char *folder, struct err *e) WG_MUSTUSE;

#endif
