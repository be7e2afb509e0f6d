/* wait.h - what a connection waits in: the time since its last step forward (SYN, data, FIN, RST),
 * and what came meanwhile that is none (acknowledgements, keep-alives, window probes). */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_WAIT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_WAIT_H

#include "scenarios/analysis/segments.h"

/* One direction's data, as it stood before a segment. */
struct sent_state {
	uint64_t flight; /* bytes sent and not acknowledged */
	size_t segments; /* data segments of them */
	uint64_t window; /* of the receiver; 0: closed, or its scale isn't known */
	bool room;	 /* the window has room for a full segment */
};

/* The last acknowledgement of one direction's data. */
struct wait_ack {
	int64_t at; /* 0: none came */
	uint32_t frame;
	struct sent_state before;
};

struct wait {
	int64_t since; /* 0: nothing was seen yet */
	uint32_t frame;
	enum dir dir; /* of that step */
	uint8_t flags;
	struct wait_ack ack[DIR_COUNT]; /* by the direction of the data */
	unsigned probes[DIR_COUNT]; /* keep-alives among them: Linux probes a window with them */
	uint32_t probe_frame[DIR_COUNT];
	/* The receiver of that direction's data announced window 0 (0: it didn't, or so long ago
	 * that the step came after it), and then another one. The first outlives steps while it
	 * holds. */
	int64_t closed_at[DIR_COUNT], opened_at[DIR_COUNT];
	uint32_t closed_frame[DIR_COUNT], opened_frame[DIR_COUNT];
};

/* Returns how a direction's data stands. */
struct sent_state sent_state_of(const struct connection *c, enum dir dir);

/* Returns whether the segment is a step forward. */
bool wait_is_step(const struct connection *c, const struct segment *s);

/* Takes any segment that was taken into its connection; before: how the data of both directions
 * stood until then. A step begins a new wait. */
void wait_take_segment(struct wait *w, const struct connection *c, const struct segment *s,
		       const struct sent_state before[DIR_COUNT]);

#endif
