/* event_place.h - finds the packet that a line of the journal is about, in the captures of both
 * legs, by its connection, its numbers and its time. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_EVENT_PLACE_H
#define WEDGE_SCENARIOS_ANNOTATE_EVENT_PLACE_H

#include "scenarios/annotate/event_words.h"
#include "scenarios/annotate/wire_index.h"
#include "scenarios/base/comments.h"

/* The connections of one session, one on each leg; equal when the session is forwarded. */
struct session_conns {
	size_t session;
	struct wire_conn leg[LEG_COUNT];
	bool known[LEG_COUNT];
};

/* One phase: both captures, each of the leg that its wire_index.leg tells, the connections that the
 * journal has named so far, the comments. */
struct annotation {
	struct wire_index wire[LEG_COUNT];
	struct comments comments[LEG_COUNT];
	struct session_conns *sessions; /* sorted by number */
	size_t nsessions, sessions_room;
	bool one_tuple;	       /* a connection has equal addresses on both legs */
	size_t placed, missed; /* events that got a comment, that matched no packet */
};

/* Takes one line of the journal that was written at wall_ns: learns a connection, or makes a
 * comment. */
void annotation_take(struct annotation *a, const json_t *line, int64_t wall_ns);
void annotation_free(struct annotation *a);

#endif
