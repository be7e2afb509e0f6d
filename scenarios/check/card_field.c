/* card_field.c - a key that is missing, or of another type, is as one without a value. */
#include "scenarios/check/card_field.h"

#include <math.h>

const char *card_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

double card_seconds(const json_t *o)
{
	const json_t *value = json_object_get(o, "seconds");

	return json_is_number(value) ? json_number_value(value) : NAN;
}
