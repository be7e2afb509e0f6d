/* hung_requests.c - sums for a straight line, an answer at a time. */
#include "scenarios/diagnosis/hung_requests.h"

#include "proxy/base/clock.h"

#include <math.h>

/* A request hangs when it has waited that long, and so many times longer than what is answered. */
#define HANGS_FROM  (1 * NS_PER_S)
#define HANGS_TIMES 5

static void leave_queue(struct hung_requests *h, struct waiter *w)
{
	if (w->asked_at)
		TAILQ_REMOVE(&h->waiters, w, link);
	w->asked_at = 0;
}

static void take_request(struct hung_requests *h, struct waiter *w, int64_t at)
{
	leave_queue(h, w);
	if (!h->waiters.tqh_last)
		TAILQ_INIT(&h->waiters);
	w->asked_at = at;
	TAILQ_INSERT_TAIL(&h->waiters, w, link);
}

/* Counts those who have waited longest: the walk ends at the first that doesn't hang. */
static uint64_t count_hung(const struct hung_requests *h, int64_t at, int64_t answered_after)
{
	int64_t limit = HANGS_TIMES * answered_after;
	const struct waiter *w;
	uint64_t n = 0;

	if (limit < HANGS_FROM)
		limit = HANGS_FROM;
	TAILQ_FOREACH (w, &h->waiters, link) {
		if (at - w->asked_at < limit)
			break;
		n++;
	}
	return n;
}

static void take_answer(struct hung_requests *h, struct waiter *w, int64_t at)
{
	int64_t after = at - w->asked_at;
	uint64_t n;
	double hung, time = clock_seconds(after);

	leave_queue(h, w);
	/* What hung itself and is answered at last says nothing of the others. */
	if (after < 0 || after >= HANGS_FROM)
		return;
	n = count_hung(h, at, after);
	hung = (double)n;
	h->most = n > h->most ? n : h->most;
	h->n++;
	h->hung += hung;
	h->time += time;
	h->hung_hung += hung * hung;
	h->time_time += time * time;
	h->hung_time += hung * time;
}

void hung_requests_take_segment(struct hung_requests *h, struct waiter *w, const struct segment *s)
{
	if (s->copy || s->out_of_place)
		return;
	if (s->dir == DIR_UPSTREAM && s->fresh)
		take_request(h, w, s->at);
	else if (s->dir == DIR_DOWNSTREAM && s->fresh && w->asked_at)
		take_answer(h, w, s->at);
	if (s->v->flags & (TCP_FIN | TCP_RST))
		leave_queue(h, w);
}

void hung_requests_forget(struct hung_requests *h, struct waiter *w)
{
	leave_queue(h, w);
}

void hung_requests_merge(struct hung_requests *h, const struct hung_requests *other)
{
	h->most = other->most > h->most ? other->most : h->most;
	h->n += other->n;
	h->hung += other->hung;
	h->time += other->time;
	h->hung_hung += other->hung_hung;
	h->time_time += other->time_time;
	h->hung_time += other->hung_time;
}

double hung_requests_correlation(const struct hung_requests *h)
{
	double both = h->n * h->hung_time - h->hung * h->time;
	double x = h->n * h->hung_hung - h->hung * h->hung;
	double y = h->n * h->time_time - h->time * h->time;

	return x > 0 && y > 0 ? both / sqrt(x * y) : NAN;
}

double hung_requests_slowdown(const struct hung_requests *h)
{
	double x = h->n * h->hung_hung - h->hung * h->hung;
	double slope, none;

	if (x <= 0)
		return NAN;
	slope = (h->n * h->hung_time - h->hung * h->time) / x;
	none = (h->time - slope * h->hung) / h->n;
	/* A line through 0 or below would make it boundless: then the fastest that can be told. */
	if (none < 1e-3)
		none = 1e-3;
	return 1 + slope * (double)h->most / none;
}
