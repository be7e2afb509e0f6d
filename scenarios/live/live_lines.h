/* live_lines.h - the lines of a journal that is being written, as they come in pieces of any size.
 * Knows no event but the first one of a part, which has the time. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_LINES_H
#define WEDGE_SCENARIOS_LIVE_LIVE_LINES_H

#include "scenarios/base/pcapng_buf.h"

#include <jansson.h>

/* Zero-initialise to start. */
struct live_lines {
	struct pcapng_buf half; /* of a line that isn't whole */
	double wall;		/* of t 0 of the part that is being read, if begun */
	bool begun;
};

/* Calls fn with each line that is whole by these bytes, with its time (ns since 1970; -1 when that
 * isn't known); lines that aren't JSON are skipped. */
void live_lines_take(struct live_lines *l, const void *data, size_t len,
		     void (*fn)(void *arg, json_t *line, int64_t wall_ns), void *arg);
void live_lines_free(struct live_lines *l);

#endif
