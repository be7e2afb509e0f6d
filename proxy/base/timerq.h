/* timerq.h - due times in a heap: never early, in order of due time, cheap to re-arm. Pure: whoever
 * owns a queue asks for the next due time and runs what is due. */
#ifndef WEDGE_BASE_TIMERQ_H
#define WEDGE_BASE_TIMERQ_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

struct timerq;

/* Embedded in the object that waits, zeroed; fn and arg are set before it is armed. */
struct timer {
	int64_t due; /* nanoseconds of the owner's clock */
	void (*fn)(void *arg, int64_t now);
	void *arg;
	bool sharp;	 /* its owner is awake before it is due: for what the wire measures */
	size_t slot;	 /* place in the heap + 1; 0 when not armed */
	uint64_t serial; /* timers of one due time run in the order they were armed */
};

/* How late timers ran, by steps that grow; the last one has no bound. */
#define TIMERQ_STEPS 10
extern const int64_t timerq_step[TIMERQ_STEPS - 1]; /* ns; each step's upper bound, inclusive */

struct timerq_lateness {
	uint64_t n[TIMERQ_STEPS]; /* timers of each step alone */
	int64_t sum;		  /* ns */
};

struct timerq *timerq_new(void);
void timerq_free(struct timerq *q); /* armed timers are forgotten, not run */

void timer_arm(struct timerq *q, struct timer *t, int64_t due); /* re-arms if armed */
void timer_cancel(struct timerq *q, struct timer *t);		/* no-op if not armed */

static inline bool timer_armed(const struct timer *t)
{
	return t->slot != 0;
}

/* Returns the earliest due time, INT64_MAX when no timer is armed. */
int64_t timerq_next(const struct timerq *q);

/* Returns whether the earliest timer is a sharp one. */
bool timerq_next_is_sharp(const struct timerq *q);

/* Returns how late the timers were that have run so far; valid as long as the queue. */
const struct timerq_lateness *timerq_late(const struct timerq *q);

/* Runs every timer with due <= now, the earliest first; a timer may arm or cancel any timer. */
void timerq_run(struct timerq *q, int64_t now);

#endif
