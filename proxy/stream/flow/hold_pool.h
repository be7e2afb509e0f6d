/* hold_pool.h - one bound for all bytes that the flows of a process hold: each may have as many as
 * are left for all. A pool is one loop's; the pools of all loops share one total. Knows no flows.
 */
#ifndef WEDGE_STREAM_FLOW_HOLD_POOL_H
#define WEDGE_STREAM_FLOW_HOLD_POOL_H

#include "proxy/base/timerq.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct env;

#define HOLD_SHARE_MIN (32u << 10) /* bytes that a flow may hold always: a TLS record, and more */

/* What one flow has of the pool: embedded in the flow, zeroed. */
struct hold_share {
	size_t charged;		  /* bytes */
	bool waits;		  /* it was given less than it wanted */
	bool told;		  /* the journal has that */
	void (*again)(void *arg); /* called from time to time while it waits: there may be more */
	void *arg;
	TAILQ_ENTRY(hold_share) entry;
};

/* What the pools of a process share. */
struct hold_total {
	size_t limit;		/* bytes */
	_Atomic size_t charged; /* bytes */
	_Atomic bool told;	/* the log has it */
};

struct hold_pool {
	struct hold_total *total;
	TAILQ_HEAD(, hold_share) waiting;
	struct timer timer;
	const struct env *env;
};

/* limit: in bytes; 0: a quarter of the memory that this process may have (machine_memory). */
void hold_total_init(struct hold_total *t, size_t limit);

/* total and env must outlive the pool. */
void hold_pool_init(struct hold_pool *p, struct hold_total *total, const struct env *env);
void hold_pool_fini(struct hold_pool *p);

/* Makes bytes what the share is charged for. */
void hold_pool_charge(struct hold_pool *p, struct hold_share *s, size_t bytes);

/* Returns how many bytes a flow with so many may have: as many as would be left for all others, and
 * at least HOLD_SHARE_MIN. So N flows that take what they can get share N / (N + 1) of the limit,
 * and one that comes finds room (the dynamic thresholds of Choudhury and Hahne, 1998). */
size_t hold_pool_allows(const struct hold_pool *p, const struct hold_share *s, size_t bytes);

/* The share's flow stops because of the pool, or goes on. The first one is logged. Returns true
 * when the share begins to wait for the first time. */
bool hold_pool_wait(struct hold_pool *p, struct hold_share *s, bool waits);

#endif
