/* card_html.h - a card as one page for a browser: needs no other file, no network and no script.
 * Formats, never computes. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_HTML_H
#define WEDGE_SCENARIOS_CHECK_CARD_HTML_H

#include "scenarios/check/card.h"

/* Whether card_write_html() may write there, as far as it can be known before. -1 with *e. */
int card_check_html(const char *path, struct err *e) WG_MUSTUSE;

/* Writes the page (docs/check.md). -1 with *e. */
int card_write_html(const struct card *c, const char *path, struct err *e) WG_MUSTUSE;

#endif
