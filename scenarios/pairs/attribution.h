/* attribution.h - where the time of the client's waits went, by two captures of one traffic: beside
 * the client, on the way between the captures, beyond the second one. Never averaged: each wait is
 * split by its own packets. */
#ifndef WEDGE_SCENARIOS_PAIRS_ATTRIBUTION_H
#define WEDGE_SCENARIOS_PAIRS_ATTRIBUTION_H

#include "scenarios/diagnosis/durations.h"
#include "scenarios/pairs/clock_align.h"
#include "scenarios/pairs/far_pass.h"

enum share {
	SHARE_CLIENT, /* beside the first capture: the client's host, and what is before it */
	SHARE_UP,     /* between the captures, to the server */
	SHARE_SERVER, /* beyond the second capture */
	SHARE_DOWN,   /* between the captures, to the client */
	SHARES,
};

struct attributed {
	struct durations lengths;	 /* as the client's capture has them */
	struct durations shares[SHARES]; /* one of each wait */
	struct stall first;
};

/* What is asked of two captures. */
struct pair_question {
	struct pair_source sources[2];
	bool legs; /* both legs of one capture, the client's first: one clock has stamped them */
	/* Of the capture nearer to the client, and of their twins in the other one; the first one's
	 * moments. Its lists stay the caller's, for as long as the attribution. */
	struct selection selection;
};

struct attribution {
	struct pair_question question;
	bool swapped;		  /* the second source is the one nearer to the client */
	size_t connections[2];	  /* of the nearer one those that are selected */
	size_t twins[TWIN_KINDS]; /* these and the following are of selected ones */
	size_t ambiguous;	  /* look like several others */
	size_t wordless;	  /* carried nothing that is known again behind a proxy */
	size_t outside;		  /* the other capture isn't of their time */
	size_t missing;		  /* aren't found in the other capture, for no such reason */
	size_t absent;		  /* of these surely: the others may be what is left there */
	int64_t absent_lost;	  /* what the missing ones lost, nanoseconds */
	struct clock_align clocks;
	struct attributed causes[CAUSE_COUNT]; /* by the cause as seen by the client's capture */
	/* Waits that can't be split: no data ended them, or the second capture lacks their packets.
	 */
	struct durations unsplit[CAUSE_COUNT];
	uint64_t not_found; /* of these, waits whose packets the second capture doesn't have */
	/* The selection for the capture nearer to the server; *far_chosen is what it points to. */
	struct selection far;
	uint8_t *far_chosen;
};

/* Reads both captures and fills *a, which attribution_fini frees. -1 with *e: one can't be read, or
 * they have no connection in common, or no packets that show the clocks' difference. */
int attribution_read(const struct pair_question *q, struct attribution *a,
		     struct err *e) WG_MUSTUSE;
void attribution_fini(struct attribution *a);

/* Returns the source nearer to the client, or the other one. */
const struct pair_source *attribution_source(const struct attribution *a, bool far);

#endif
