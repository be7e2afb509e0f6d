/* table.h - the phases side by side: a row for each metric, a column for each phase. Formats,
 * never computes. */
#ifndef WEDGE_SCENARIOS_REPORT_TABLE_H
#define WEDGE_SCENARIOS_REPORT_TABLE_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Writes the table in as many blocks as its phases need side by side in so many columns, each with
 * an empty line and its phases' names before it. lines: at most so many, at the price of the last
 * rows of each block, and then of the last blocks. Returns the lines written. */
size_t write_table(const struct result *r, size_t lines, size_t columns, FILE *out);

/* True when phase i is the next swept point of one phase: "impaired@50" after "impaired@10". */
bool continues_sweep(const struct result *r, size_t i);

#endif
