/* verdict.h - the lines that a search in a log must find whole. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_VERDICT_H
#define WEDGE_SCENARIOS_REPORT_VERDICT_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes "NAME: VERDICT. WHY", one line however long. */
void write_verdict(const struct result *r, FILE *out);

/* Writes "Open CAPTURE, filter FILTER: frames 11, 70, 71 and 47 more", one line; without what
 * isn't known. */
void write_look(const struct result_look *look, FILE *out);

#endif
