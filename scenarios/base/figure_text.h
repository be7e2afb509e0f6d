/* figure_text.h - times, moments and shares as people read them in all pages about captures. */
#ifndef WEDGE_SCENARIOS_BASE_FIGURE_TEXT_H
#define WEDGE_SCENARIOS_BASE_FIGURE_TEXT_H

#include "proxy/base/units.h"

/* Writes a time in three digits: "7.7 us", "200 ms", "12.1 s"; returns buf. */
char *time_text(int64_t ns, char buf[UNITS_TEXT]);

/* Writes a moment as local time with nanoseconds, "2026-11-29 14:30:00.123456789"; returns buf. */
#define MOMENT_TEXT 48
char *moment_text(int64_t ns, char buf[MOMENT_TEXT]);

double share_percent(int64_t part, int64_t whole); /* 0 of a whole of 0 */
const char *plural_ending(uint64_t n);		   /* "" or "s" */

/* Writes a count of things with a regular plural: "1 packet", "2 packets"; returns buf. */
#define COUNT_TEXT 64
char *count_text(uint64_t n, const char *thing, char buf[COUNT_TEXT]);

/* Returns the same of words that begin with a plural: "1 connection at once" of "connections at
 * once"; to be freed. */
char *number_text(uint64_t n, const char *things);

#endif
