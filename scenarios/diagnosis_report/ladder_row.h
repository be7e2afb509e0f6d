/* ladder_row.h - one packet of a ladder: how its row is drawn, in Wireshark's words. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_ROW_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_LADDER_ROW_H

#include "scenarios/analysis/segment_row.h"

/* Writes it; begin: the time that its own is told from; proof: it is one of those that prove. */
void ladder_row_write(const struct segment_row *r, int64_t begin, bool proof, FILE *out);

/* Writes what the columns are. */
void ladder_head_write(FILE *out);

/* Writes a line, or several, between two packets. sign: "" for none, or one character. */
void ladder_words_write(const char *sign, const char *words, FILE *out);

#endif
