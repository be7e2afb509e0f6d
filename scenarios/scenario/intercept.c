/* intercept.c - the modes' names, in the order of the enum. */
#include "scenarios/scenario/intercept.h"

#include "proxy/base/mem.h"

#include <string.h>

static const char *const intercept_names[] = {"explicit", "forward", "transparent"};

int intercept_parse(const char *text, enum intercept *out)
{
	for (size_t i = 0; i < ARRAY_LEN(intercept_names); i++)
		if (strcmp(text, intercept_names[i]) == 0) {
			*out = (enum intercept)i;
			return 0;
		}
	return -1;
}

const char *intercept_name(enum intercept mode)
{
	return intercept_names[mode];
}

char *intercept_words(unsigned modes)
{
	char *words = xstrdup("");

	for (size_t i = 0; i < ARRAY_LEN(intercept_names); i++) {
		const char *between = !*words ? "" : modes >> (i + 1) ? ", " : " or ";
		char *before = words;

		if (!(modes & INTERCEPT_BIT(i)))
			continue;
		words = xasprintf("%s%s%s", before, between, intercept_names[i]);
		free(before);
	}
	return words;
}
