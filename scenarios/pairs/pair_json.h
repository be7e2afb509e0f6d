/* pair_json.h - an attribution for programs, as docs/analyze-format.md describes it. */
#ifndef WEDGE_SCENARIOS_PAIRS_PAIR_JSON_H
#define WEDGE_SCENARIOS_PAIRS_PAIR_JSON_H

#include "scenarios/pairs/attribution.h"

#include <jansson.h>

/* Returns the object "pair". A new reference. */
json_t *pair_json(const struct attribution *a) WG_MUSTUSE;

#endif
