/* flow_time.h - how long bytes are inside a flow, in sums: what all its bytes have waited together,
 * and since when nothing has left it. Kept where env.timed asks for it. Knows no flow. */
#ifndef WEDGE_STREAM_FLOW_FLOW_TIME_H
#define WEDGE_STREAM_FLOW_FLOW_TIME_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialise. By Little's law the bytes that have come and gone in some time were inside for
 * the growth of waited, divided by their number, in the mean. */
struct flow_time {
	double waited;	 /* bytes * ns, up to settled */
	int64_t settled; /* the clock's ns; means nothing while nothing is inside */
	int64_t paused;	 /* since when its source isn't read */
	int64_t moved;	 /* when bytes have last left, or first come into an empty flow */
};

/* Is to be called with the load that was until now, before it changes. */
static inline void flow_time_settle(struct flow_time *t, size_t load, int64_t now)
{
	t->waited += (double)load * (double)(now - t->settled);
	t->settled = now;
}

/* What has waited until now, in bytes * ns. */
static inline double flow_time_waited(const struct flow_time *t, size_t load, int64_t now)
{
	return load ? t->waited + (double)load * (double)(now - t->settled) : t->waited;
}

#endif
