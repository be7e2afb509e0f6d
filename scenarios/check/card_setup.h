/* card_setup.h - how the command of a card was run: its server, what made it ready, and what was
 * run then. Knows no grade. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_SETUP_H
#define WEDGE_SCENARIOS_CHECK_CARD_SETUP_H

#include "scenarios/check/plan.h"

#include <jansson.h>

/* The keys of what follows, in the order in which they are shown; NULL-terminated. */
extern const char *const card_setup_keys[];

/* Returns what was given of "server", "target", "ready" and "then", each a text, and of
 * "ready_request", which is true; a new reference. */
json_t *card_setup_json(const struct check_plan *plan);

#endif
