/* line_copies.h - writers that come and go, which all get the same lines. Knows none of them. */
#ifndef WEDGE_BASE_LINE_COPIES_H
#define WEDGE_BASE_LINE_COPIES_H

#include "proxy/base/writer.h"

#include <stddef.h>

enum { LINE_COPIES_MAX = 10 }; /* a capture of its own, few that are asked for, six viewers */

/* Zero-initialise. One thread at a time may use it. */
struct line_copies {
	struct writer *writer[LINE_COPIES_MAX];
	size_t n;
};

/* Adds a writer, which stays the caller's; there must be room. */
void line_copies_add(struct line_copies *c, struct writer *w);

/* Takes it out; one that isn't there does no harm. */
void line_copies_remove(struct line_copies *c, const struct writer *w);

/* Puts whole lines to each writer. */
void line_copies_put(const struct line_copies *c, const char *lines, size_t len);

#endif
