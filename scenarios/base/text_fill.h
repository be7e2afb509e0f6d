/* text_fill.h - a text with places, "{host}", for which something else is put in. */
#ifndef WEDGE_SCENARIOS_BASE_TEXT_FILL_H
#define WEDGE_SCENARIOS_BASE_TEXT_FILL_H

#include <stddef.h>

struct text_place {
	const char *name; /* "{host}" */
	const char *value;
};

/* Returns the text with the value in the place of every name, the caller's to free. What was put in
 * isn't looked at again. */
char *text_fill(const char *text, const struct text_place *places, size_t n);

#endif
