/* stall.h - a time in which a connection stood still, with its one cause and the frames that prove
 * it. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_STALL_H
#define WEDGE_SCENARIOS_DIAGNOSIS_STALL_H

#include "scenarios/diagnosis/cause.h"

#include <stdint.h>

#define STALL_FRAMES 3

struct stall {
	enum cause cause;
	uint32_t connection; /* its index */
	int64_t from, to;    /* wall-clock nanoseconds of the capture */
	/* What the cause's parameter is, in nanoseconds: how long the ACK was held, the timer ran,
	 * the server thought (without the round trip); 0: nothing but the stall's length. */
	int64_t value;
	bool renumbered;   /* tcp.stream has another number for some of its frames */
	bool to_client;	   /* the data that waits, or is waited for, goes to the client */
	const char *label; /* a string constant that says more: "with Nagle's algorithm"; or NULL */
	uint32_t frames[STALL_FRAMES]; /* in order; unused ones at the end are 0 */
};

#endif
