/* text_watch.h - looks for a text in an output that comes in pieces. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_TEXT_WATCH_H
#define WEDGE_SCENARIOS_WORKLOAD_TEXT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_WATCH_MAX 256 /* bytes of a text */

struct text_watch {
	const char *text; /* at most TEXT_WATCH_MAX bytes; NULL or "": nothing is looked for */
	char tail[TEXT_WATCH_MAX]; /* what came last, of which the text may have begun */
	size_t ntail;
	bool found;
};

/* Takes the next piece; found is set once the text was in the output, and stays. */
void text_watch_take(struct text_watch *w, const char *piece, size_t n);

#endif
