/* capture_lines.h - the lines of the page that are about the capture as a whole: what it is, what
 * in it is faulty, and what is healthy. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_CAPTURE_LINES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_CAPTURE_LINES_H

#include "scenarios/diagnosis/diagnosis.h"

#include <stdio.h>

/* path: as the user named the capture. */
void capture_lines_write(const struct diagnosis *d, const char *path, FILE *out);

/* What was counted and measured beside the waits, the healthy things too. */
void healthy_lines_write(const struct diagnosis *d, FILE *out);

#endif
