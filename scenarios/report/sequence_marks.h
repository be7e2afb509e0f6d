/* sequence_marks.h - the packets in a time-sequence diagram, by tcptrace's conventions
 * (http://www.tcptrace.org/manual.html, "Time Sequence Graph"). Formats, never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_SEQUENCE_MARKS_H
#define WEDGE_SCENARIOS_REPORT_SEQUENCE_MARKS_H

#include "scenarios/report/sequence_frame.h"

#include <stdio.h>

/* Writes the elements of an SVG: places along x are per cent, along y pixels. */
void sequence_marks(const struct sequence_frame *f, FILE *out);

#endif
