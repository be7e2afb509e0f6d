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

struct attribution {
	bool swapped; /* the second file is the one nearer to the client */
	size_t connections[2], twins[TWIN_KINDS], ambiguous;
	struct clock_align clocks;
	struct attributed causes[CAUSE_COUNT]; /* by the cause as seen by the client's capture */
	/* Connections that lost time in the client's capture and aren't in the other one. */
	uint64_t absent;
	int64_t absent_lost; /* what they lost, nanoseconds */
	uint64_t not_found;  /* waits whose packets the second capture doesn't have */
};

/* Reads both captures, in either order, and fills *a, which attribution_fini frees. -1 with *e: one
 * can't be read, or they have no connection in common, or no packets that show the clocks'
 * difference. */
int attribution_read(const char *const paths[2], struct attribution *a, struct err *e) WG_MUSTUSE;
void attribution_fini(struct attribution *a);

#endif
