/* timerq.c - a binary heap of due times that remembers each timer's place; reads no clock. */
#include "proxy/base/timerq.h"

#include "proxy/base/mem.h"

struct timerq {
	struct timer **heap; /* heap[0] is due first */
	size_t n, room;
	uint64_t armed; /* timers armed so far: the next serial */
	bool running;
	struct timerq_lateness late;
};

static bool is_sooner(const struct timer *a, const struct timer *b)
{
	return a->due != b->due ? a->due < b->due : a->serial < b->serial;
}

static void place_timer(struct timerq *q, size_t i, struct timer *t)
{
	q->heap[i] = t;
	t->slot = i + 1;
}

static void sift_up(struct timerq *q, size_t i, struct timer *t)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (!is_sooner(t, q->heap[parent]))
			break;
		place_timer(q, i, q->heap[parent]);
		i = parent;
	}
	place_timer(q, i, t);
}

static void sift_down(struct timerq *q, size_t i, struct timer *t)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= q->n)
			break;
		if (child + 1 < q->n && is_sooner(q->heap[child + 1], q->heap[child]))
			child++;
		if (!is_sooner(q->heap[child], t))
			break;
		place_timer(q, i, q->heap[child]);
		i = child;
	}
	place_timer(q, i, t);
}

static void settle_timer(struct timerq *q, size_t i, struct timer *t)
{
	if (i > 0 && is_sooner(t, q->heap[(i - 1) / 2]))
		sift_up(q, i, t);
	else
		sift_down(q, i, t);
}

static void remove_timer(struct timerq *q, struct timer *t)
{
	size_t i = t->slot - 1;
	struct timer *last = q->heap[--q->n];

	BUG_ON(i > q->n || (i < q->n && q->heap[i] != t));
	t->slot = 0;
	if (last != t)
		settle_timer(q, i, last);
}

struct timerq *timerq_new(void)
{
	return xcalloc(1, sizeof(struct timerq));
}

void timerq_free(struct timerq *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		q->heap[i]->slot = 0;
	free(q->heap);
	free(q);
}

void timer_arm(struct timerq *q, struct timer *t, int64_t due)
{
	t->due = due;
	t->serial = q->armed++;
	if (timer_armed(t)) {
		settle_timer(q, t->slot - 1, t);
	} else {
		if (q->n == q->room) {
			q->room = q->room ? 2 * q->room : 16;
			q->heap = xrealloc(q->heap, q->room, sizeof(struct timer *));
		}
		q->n++;
		sift_up(q, q->n - 1, t);
	}
}

void timer_cancel(struct timerq *q, struct timer *t)
{
	if (!timer_armed(t))
		return;
	remove_timer(q, t);
}

int64_t timerq_next(const struct timerq *q)
{
	return q->n ? q->heap[0]->due : INT64_MAX;
}

bool timerq_next_is_sharp(const struct timerq *q)
{
	return q->n && q->heap[0]->sharp;
}

const int64_t timerq_step[TIMERQ_STEPS - 1] = {100000,	250000,	  500000,   1000000,  2500000,
					       5000000, 10000000, 25000000, 100000000};

static void note_lateness(struct timerq_lateness *late, int64_t ns)
{
	int step = 0;

	while (step < TIMERQ_STEPS - 1 && ns > timerq_step[step])
		step++;
	late->n[step]++;
	late->sum += ns;
}

const struct timerq_lateness *timerq_late(const struct timerq *q)
{
	return &q->late;
}

void timerq_run(struct timerq *q, int64_t now)
{
	BUG_ON(q->running);
	q->running = true;
	while (q->n && q->heap[0]->due <= now) {
		struct timer *t = q->heap[0];

		remove_timer(q, t);
		note_lateness(&q->late, now - t->due);
		t->fn(t->arg, now); /* may free t */
	}
	q->running = false;
}
