/* sendings.h - when each byte of one side was last sent: a list of ranges of the sequence space,
 * SYN and FIN included. Knows no acknowledgement. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_SENDINGS_H
#define WEDGE_SCENARIOS_ANALYSIS_SENDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that were last sent by one segment. */
struct sending {
	uint64_t start, end; /* unwrapped; end: one past the last */
	int64_t at;
	int64_t gap; /* since its first byte was sent before; 0: it wasn't, or nobody saw it */
	bool resent; /* it repeats something, or came late */
};

/* Zero-initialise to start; sendings_fini to end. */
struct sendings {
	struct sending *list; /* ascending, without overlaps */
	size_t n, room;
};

/* Takes a segment with the bytes [start, end), and stores in *before the sending that its first
 * byte had until now. Returns whether it had one. */
bool sendings_take(struct sendings *s, uint64_t start, uint64_t end, int64_t at, bool resent,
		   struct sending *before);

/* Returns whether any byte of [start, end) was sent again or late. */
bool sendings_any_resent(const struct sendings *s, uint64_t start, uint64_t end);

/* Forgets what lies whole below that number. Costs little on average, since it waits until half of
 * the list does. */
void sendings_forget(struct sendings *s, uint64_t below);

void sendings_fini(struct sendings *s); /* leaves it empty */

#endif
