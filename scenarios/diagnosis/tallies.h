/* tallies.h - the stalls of a connection or of a whole capture, by cause. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_TALLIES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_TALLIES_H

#include "scenarios/diagnosis/durations.h"
#include "scenarios/diagnosis/stall.h"

struct tally {
	struct durations lengths; /* of the stalls */
	struct durations values;  /* the cause's parameter */
	uint64_t to_client;	  /* stalls whose data goes there */
	uint64_t labelled;	  /* stalls with a label */
	const char *label;	  /* the last of them */
	struct stall first, longest;
};

/* Zero-initialise to start; tallies_fini to end. */
struct tallies {
	struct tally *of[CAUSE_COUNT]; /* NULL: no such stall */
};

void tallies_add(struct tallies *t, const struct stall *s);

/* Gives a stall that was added another cause, and says where the data goes that it is about. */
void tallies_move(struct tallies *t, const struct stall *s, enum cause to, bool to_client);

/* Gives all stalls of one cause another, with that label. */
void tallies_withdraw(struct tallies *t, enum cause from, enum cause to, const char *label);

/* Adds all of other, which may lie behind what is there. */
void tallies_merge(struct tallies *t, const struct tallies *other);

/* Returns the time of all stalls, or of those whose time was lost, in nanoseconds. */
int64_t tallies_stalled(const struct tallies *t);
int64_t tallies_lost(const struct tallies *t);

/* Returns the cause with the most lost time; CAUSE_COUNT: none was lost. */
enum cause tallies_worst(const struct tallies *t);

/* Sets the causes that there are, those whose time was lost first, then by time. Returns how many.
 */
size_t tallies_order(const struct tallies *t, enum cause order[CAUSE_COUNT]);

void tallies_fini(struct tallies *t); /* leaves it empty */

#endif
