/* card_compare.h - what has changed between two cards, as their files have them. Knows no lab. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_COMPARE_H
#define WEDGE_SCENARIOS_CHECK_CARD_COMPARE_H

#include "proxy/base/err.h"

#include <jansson.h>

/* Reads a card that "wedge check --json" has printed; a new reference. NULL with *e. */
json_t *card_load(const char *path, struct err *e) WG_MUSTUSE;

/* Returns what differs: [{"id", "was", "now", "text"}]. A cell differs where its grade does, its
 * seconds by more than 5 % and 0.1 s, or only one card has it; those of the new card come first. Of
 * what both were made with (command, protocol, limit, version, and card_setup.h's) a difference has
 * that name for its id. An old card without grades has the one difference "not_gradable" instead of
 * its cells'. A new reference. */
json_t *card_compare(const json_t *old, const json_t *now);

#endif
