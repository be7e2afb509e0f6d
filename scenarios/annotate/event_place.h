/* event_place.h - finds the packet that a line of the journal is about, in the captures of both
 * legs, by its connection, its numbers and its time. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_EVENT_PLACE_H
#define WEDGE_SCENARIOS_ANNOTATE_EVENT_PLACE_H

#include "scenarios/annotate/comments.h"
#include "scenarios/annotate/event_words.h"
#include "scenarios/annotate/wire_index.h"

/* The connections of one session, one on each leg; the same on both when it is forwarded. */
struct session_conns {
	struct wire_conn leg[LEG_COUNT];
	bool known[LEG_COUNT];
};

/* One phase: both captures, what the journal has told so far, the comments made of it. */
struct annotation {
	struct wire_index wire[LEG_COUNT];
	struct comments comments[LEG_COUNT];
	struct session_conns *sessions; /* by number */
	size_t nsessions;
	bool one_tuple;	     /* a connection has the same addresses on both legs */
	size_t told, missed; /* events */
};

/* Takes one line that happened at wall_ns: learns a connection, or makes a comment. */
void annotation_take(struct annotation *a, const json_t *line, int64_t wall_ns);
void annotation_free(struct annotation *a);

#endif
