/* verdict.h - the lines that a search in a log must find whole. Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_VERDICT_H
#define WEDGE_SCENARIOS_REPORT_VERDICT_H

#include "scenarios/run/result.h"

#include <stdio.h>

const char *verdict_words(enum run_verdict v); /* "NOT REPRODUCED" */

/* Writes "NAME: VERDICT. WHY", one line however long. */
void write_verdict(const struct result *r, FILE *out);

/* Writes "Open CAPTURE, filter FILTER: frames 11, 70, 71 and 47 more", one line; without what
 * isn't known. */
void write_look(const struct result_look *look, FILE *out);

/* Writes only ": frames 11, 70, 71 and 47 more"; nothing when they aren't known. */
void write_look_frames(const struct result_look *look, FILE *out);

#endif
