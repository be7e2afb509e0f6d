/* figures.h - the words for figures and frames that all reports of a diagnosis share. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FIGURES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FIGURES_H

#include "proxy/base/units.h"
#include "scenarios/diagnosis/tallies.h"

/* Writes a time in three digits: "7.7 us", "200 ms", "12.1 s"; returns buf. */
char *time_text(int64_t ns, char buf[UNITS_TEXT]);

/* Writes a moment as local time with nanoseconds, "2026-11-29 14:30:00.123456789"; returns buf. */
#define MOMENT_TEXT 48
char *moment_text(int64_t ns, char buf[MOMENT_TEXT]);

double share_percent(int64_t part, int64_t whole); /* 0 of a whole of 0 */
const char *plural_ending(uint64_t n);		   /* "" or "s" */

/* Returns who can end the waits of that cause, by most of them. */
const char *blamed_side(enum cause c, const struct tally *x);
const char *blamed_words(enum cause c, const struct tally *x); /* "up to the client" */

/* Returns "up to the client", "up to nobody"; to_client as in a stall. */
const char *blame_words(enum cause c, bool to_client);

/* Returns what more is known of most of the waits, or NULL. */
const char *tally_label(const struct tally *x);

/* Returns a display filter that shows the frames that prove the stall; the caller frees. */
char *stall_filter(const struct stall *s) WG_MUSTUSE;

#endif
