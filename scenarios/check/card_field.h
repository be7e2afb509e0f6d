/* card_field.h - what stands in a card's JSON. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_FIELD_H
#define WEDGE_SCENARIOS_CHECK_CARD_FIELD_H

#include <jansson.h>

/* Returns the text of that key, "" where there is none; the object's. */
const char *card_text(const json_t *o, const char *key);

/* Returns the "seconds" of a cell or a run; NAN: it has none. */
double card_seconds(const json_t *o);

#endif
