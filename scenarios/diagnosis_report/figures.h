/* figures.h - the words for figures and frames that all reports of a diagnosis share. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FIGURES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_REPORT_FIGURES_H

#include "scenarios/base/figure_text.h"
#include "scenarios/diagnosis/tallies.h"

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
