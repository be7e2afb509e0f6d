/* text_fill.c - the text is copied a piece at a time. */
#include "scenarios/base/text_fill.h"

#include "proxy/base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct text_place *find_place(const char *at, const struct text_place *places,
					   size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(at, places[i].name, strlen(places[i].name)) == 0)
			return &places[i];
	return NULL;
}

char *text_fill(const char *text, const struct text_place *places, size_t n)
{
	char *filled = NULL;
	size_t len = 0;
	FILE *out = xopen_memstream(&filled, &len);

	while (*text) {
		const struct text_place *p = find_place(text, places, n);

		if (p)
			fputs(p->value, out);
		else
			fputc(*text, out);
		text += p ? strlen(p->name) : 1;
	}
	xclose_memstream(out);
	return filled;
}
