/* answer_json.h - what a trainee is told of a guess, for programs; docs/training/answer-format.md
 * has its members. */
#ifndef WEDGE_SCENARIOS_BLIND_ANSWER_JSON_H
#define WEDGE_SCENARIOS_BLIND_ANSWER_JSON_H

#include "scenarios/blind/answer.h"

#include <jansson.h>

/* Returns the same as the page; a new reference. */
json_t *answer_json(const struct answer *a) WG_MUSTUSE;

#endif
