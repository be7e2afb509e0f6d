/* recent.h - a connection's last stalls: what comes later may show that their cause was another. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RECENT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RECENT_H

#include "scenarios/diagnosis/proofs.h"
#include "scenarios/diagnosis/tallies.h"

#define RECENT_STALLS 10

/* Zero-initialise to start; recent_fini to end. */
struct recent {
	struct stall
	    *list; /* RECENT_STALLS of them, the oldest overwritten; NULL: none was added */
	unsigned n, next;
	struct proofs *gone; /* gets those that are overwritten; NULL: nobody asks for them */
};

void recent_add(struct recent *r, const struct stall *s);

/* Gives those that end after `from` and begin before `to`, by half of their length at least, the
 * cause `cause` in the tallies, where may_move says so of their own; to_client as in a stall. */
void recent_move(struct recent *r, struct tallies *t, int64_t from, int64_t to, enum cause cause,
		 bool (*may_move)(enum cause c), bool to_client);

/* Gives those of one cause another, and those that are gone. The tallies aren't touched. */
void recent_rename(struct recent *r, enum cause from, enum cause to, const char *label);

/* Nothing that comes later concerns them: all are gone. */
void recent_finish(struct recent *r);
void recent_fini(struct recent *r);

/* Returns the time that the stall has in common with the times from..to. */
int64_t stall_overlap(const struct stall *s, int64_t from, int64_t to);

#endif
