/* hung_requests.h - do the answers of a service come later with each request that hangs there? A
 * pool of workers that hung requests use up shows it (failure F16); a service that is only busy
 * doesn't: there nobody waits many times longer than those who are answered. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_HUNG_REQUESTS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_HUNG_REQUESTS_H

#include "scenarios/analysis/segments.h"

#include <sys/queue.h>

/* A connection's request under way. Zero-initialise to start. */
struct waiter {
	TAILQ_ENTRY(waiter) link;
	int64_t asked_at; /* 0: nothing is waited for */
};

/* A service's. Zero-initialise to start; nothing to free once all waiters are gone. */
struct hung_requests {
	TAILQ_HEAD(, waiter) waiters; /* by the time of their requests */
	uint64_t most;		      /* requests that hung at the same time */
	/* Of all answers: number of requests that hung then, and the time that it took (seconds).
	 */
	double n, hung, time, hung_hung, time_time, hung_time;
};

/* Takes each segment when its connection has it. */
void hung_requests_take_segment(struct hung_requests *h, struct waiter *w, const struct segment *s);

/* Nothing more is expected of the connection. */
void hung_requests_forget(struct hung_requests *h, struct waiter *w);

/* Adds the answers of another service. */
void hung_requests_merge(struct hung_requests *h, const struct hung_requests *other);

/* Returns how straight the line is on which the answers' times rise with the number of requests
 * that hang: the coefficient of correlation; NAN where one of the two is always the same. */
double hung_requests_correlation(const struct hung_requests *h);

/* Returns how many times longer an answer takes, by that line, when the most requests hang than
 * when none does; NAN where there is none. */
double hung_requests_slowdown(const struct hung_requests *h);

#endif
