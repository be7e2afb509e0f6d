/* flow_time.h - how long the bytes that have left a flow had been inside, in sums, and since when
 * nothing moves. Kept where env.timed asks for it. Knows no flow. */
#ifndef WEDGE_STREAM_FLOW_FLOW_TIME_H
#define WEDGE_STREAM_FLOW_FLOW_TIME_H

#include <stddef.h>
#include <stdint.h>

struct flow_ages;

/* Zero-initialise. Times are the clock's ns. Two looks tell how long what has left in between had
 * been inside, in the mean: the growth of waited, divided by that of left. */
struct flow_time {
	double waited;		/* bytes * ns */
	uint64_t left;		/* bytes */
	int64_t moved;		/* when bytes have last left, or first come into an empty flow */
	int64_t paused;		/* since when its source isn't read */
	size_t inside;		/* bytes that have come and not gone */
	struct flow_ages *ages; /* when they came; NULL: none are inside */
};

void flow_time_fini(struct flow_time *t);

/* Count n bytes that come in, or that leave: those that came first, and beyond the ones that are
 * inside those that came this very moment. */
void flow_time_came(struct flow_time *t, size_t n, int64_t now);
void flow_time_left(struct flow_time *t, size_t n, int64_t now);

/* Takes out n bytes of those that are inside, which go nowhere. */
void flow_time_gone(struct flow_time *t, size_t n);

#endif
