/* match_page.h - what a capture was compared with, as a paragraph for a person and as JSON. */
#ifndef WEDGE_SCENARIOS_MATCH_MATCH_PAGE_H
#define WEDGE_SCENARIOS_MATCH_MATCH_PAGE_H

#include "scenarios/match/match.h"

#include <jansson.h>

/* Names the documented failures that fit, or those that nearly do and by what they differ; says so
 * when there is none. */
void match_page_write(const struct matches *m, FILE *out);

/* Returns the same as an array; docs/signatures.md has its fields. A new reference. */
json_t *match_json(const struct matches *m);

#endif
