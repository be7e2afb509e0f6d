/* capture_facts.h - what a reader must know of a capture before he believes what it shows: packets
 * that it lacks, has twice or can't show. Knows nothing of connections. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_CAPTURE_FACTS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_CAPTURE_FACTS_H

#include "scenarios/reader/capture_reader.h"

/* Writes a line for each such fact, none for a capture without any. not_parsed: TCP packets whose
 * header couldn't be read. */
void capture_facts_write(const struct capture_counts *n, uint64_t not_parsed, FILE *out);

#endif
