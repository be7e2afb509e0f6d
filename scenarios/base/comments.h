/* comments.h - the comments of one capture: lines gathered in any order, handed out frame by frame.
 */
#ifndef WEDGE_SCENARIOS_BASE_COMMENTS_H
#define WEDGE_SCENARIOS_BASE_COMMENTS_H

#include "proxy/base/attrs.h"

/* Lines that one packet may have; more are only counted. */
#define COMMENT_LINES 8

struct comment {
	size_t frame, number; /* number: the order in which they were added */
	char *text;
};

/* Zero-initialise to start. */
struct comments {
	struct comment *list;
	size_t n, room;
};

void comments_add(struct comments *c, size_t frame, const char *text); /* text is copied */
void comments_sort(struct comments *c);
void comments_free(struct comments *c);

/* Returns the text at that frame, its lines joined; NULL: none. Frames are asked for in their
 * order, after comments_sort: *at is where the last call stopped, 0 before the first. The caller
 * frees. */
char *comments_at(const struct comments *c, size_t *at, size_t frame);

#endif
