/* line_copies.c - the last writer takes the place of one that goes: their order means nothing. */
#include "proxy/base/line_copies.h"

#include "proxy/base/mem.h"

void line_copies_add(struct line_copies *c, struct writer *w)
{
	BUG_ON(c->n == LINE_COPIES_MAX);
	c->writer[c->n++] = w;
}

void line_copies_remove(struct line_copies *c, const struct writer *w)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->writer[i] == w)
			c->writer[i--] = c->writer[--c->n];
}

void line_copies_put(const struct line_copies *c, const char *lines, size_t len)
{
	for (size_t i = 0; i < c->n; i++)
		writer_put(c->writer[i], lines, len);
}
