/* vantage_words.h - the vantage table in words: its rows, and what stands in a cell. Formats, never
 * computes. */
#ifndef WEDGE_SCENARIOS_REPORT_VANTAGE_WORDS_H
#define WEDGE_SCENARIOS_REPORT_VANTAGE_WORDS_H

#include "scenarios/run/result.h"

#define VANTAGE_ROWS  10
#define VANTAGE_TEXT  96
#define VANTAGE_TIMES 5 /* the rows from here on are whose time it was */

/* Returns the name of a row, from the client inward; wedge's place is r's. */
const char *vantage_row(const struct result *r, size_t row);

/* Writes a phase's cell of that row: a figure, or why there is none. Returns buf. */
char *vantage_cell(const struct result_transaction *t, size_t row, char buf[VANTAGE_TEXT]);

/* Returns what the capture of a leg is, for the list of files. */
const char *vantage_capture(const struct result *r, enum leg leg);

/* Whether any phase has a transaction. */
bool vantage_any(const struct result *r);

#endif
