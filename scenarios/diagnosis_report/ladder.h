/* ladder.h - one connection's packets as a ladder of text between client and server: those that
 * prove its waits and how it begins and ends, with what lies between them counted. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_H

#include "scenarios/diagnosis/diagnosis.h"

/* Reads the capture once more and draws the connection that was selected by its number, with the
 * longest of its waits, this many. d was asked for each wait. -1 with *e: it can't be read. */
int ladder_write(const struct diagnosis *d, const char *path, size_t waits, FILE *out,
		 struct err *e) WG_MUSTUSE;

#endif
