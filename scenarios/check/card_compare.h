/* card_compare.h - what has changed between two cards, as their files have them. Knows no lab. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_COMPARE_H
#define WEDGE_SCENARIOS_CHECK_CARD_COMPARE_H

#include "proxy/base/err.h"

#include <jansson.h>

/* Reads a card that "wedge check --json" has printed; a new reference. NULL with *e. */
json_t *card_load(const char *path, struct err *e) WG_MUSTUSE;

/* Returns what differs, in the cards' order: [{"id", "was", "now", "text"}]. A cell differs where
 * its grade does, or its seconds by more than 5 % and 0.1 s; one that only one card has doesn't. Of
 * what both were made with (command, protocol, limit, version) a difference has that name for its
 * id. A new reference. */
json_t *card_compare(const json_t *old, const json_t *now);

#endif
