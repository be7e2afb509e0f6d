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

#endif
