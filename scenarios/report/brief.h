/* brief.h - a result on one screen: the verdict, the table, documented beside measured, and where
 * to look. report.txt has all of it (text.h). Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_BRIEF_H
#define WEDGE_SCENARIOS_REPORT_BRIEF_H

#include "scenarios/run/result.h"

#include <stdio.h>

#define BRIEF_LINES 25

/* Writes at most BRIEF_LINES lines; folder is where the report is. columns: the terminal's width;
 * lines of the table and of documented words are cut there, verdict and filters never are. */
void report_brief(const struct result *r, const char *folder, size_t columns, FILE *out);

#endif
