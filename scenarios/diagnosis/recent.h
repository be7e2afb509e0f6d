/* recent.h - a connection's last stalls: what comes later may show that their cause was another. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RECENT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RECENT_H

#include "scenarios/diagnosis/tallies.h"

#define RECENT_STALLS 10

/* Zero-initialise to start; recent_fini to end. */
struct recent {
	struct stall
	    *list; /* RECENT_STALLS of them, the oldest overwritten; NULL: none was added */
	unsigned n, next;
};

void recent_add(struct recent *r, const struct stall *s);

/* Gives those that end after `from` and begin before `to`, by half of their length at least, the
 * cause `cause` in the tallies, where may_move says so of their own; to_client as in a stall. */
void recent_move(struct recent *r, struct tallies *t, int64_t from, int64_t to, enum cause cause,
		 bool (*may_move)(enum cause c), bool to_client);

void recent_fini(struct recent *r); /* leaves it empty */

/* Returns the time that the stall has in common with the times from..to. */
int64_t stall_overlap(const struct stall *s, int64_t from, int64_t to);

#endif
