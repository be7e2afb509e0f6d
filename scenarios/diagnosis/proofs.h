/* proofs.h - waits with the frames that prove each, one by one, for reports that show packets: up
 * to a number of them, of which the longest are kept. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_PROOFS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_PROOFS_H

#include "scenarios/diagnosis/services.h"
#include "scenarios/diagnosis/stall.h"

#define PROOFS_MAX 100000 /* 8 MB */

struct proof {
	struct stall stall;
	const struct service *service;
};

/* Zero-initialise to start; proofs_fini to end. */
struct proofs {
	struct proof *list; /* in any order until proofs_finish */
	size_t n, room;
	uint64_t left_out; /* shorter ones */
	int64_t least;	   /* once some were left out: none shorter than that is kept */
};

void proofs_add(struct proofs *p, const struct stall *s);

/* Gives all waits of one cause another, with that label. */
void proofs_withdraw(struct proofs *p, enum cause from, enum cause to, const char *label);

/* Moves all of other, which are waits for that service, into p. */
void proofs_take(struct proofs *p, struct proofs *other, const struct service *service);

/* Puts them in order of time. Doubts that the service has withdrawn of all of its waits of a cause
 * are no longer told of one. */
void proofs_finish(struct proofs *p);
void proofs_fini(struct proofs *p); /* leaves it empty */

#endif
