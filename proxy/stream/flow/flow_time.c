/* flow_time.c - keeps when bytes came, in their order, in a bounded number of steps: neighbours are
 * put together at the time that is their mean, so that the sums stay what they are. */
#include "proxy/stream/flow/flow_time.h"

#include "proxy/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 32 };

struct age {
	size_t n;
	int64_t at; /* when they came, in the mean */
};

struct flow_ages {
	struct age step[STEPS];
	size_t n; /* the oldest is the first */
};

void flow_time_fini(struct flow_time *t)
{
	free(t->ages);
	t->ages = NULL;
	t->inside = 0;
}

static void add_age(struct age *a, const struct age *b)
{
	a->n += b->n;
	a->at += (int64_t)((double)(b->at - a->at) * ((double)b->n / (double)a->n));
}

static void halve_steps(struct flow_ages *g)
{
	for (size_t i = 0; i < STEPS / 2; i++) {
		g->step[i] = g->step[2 * i];
		add_age(&g->step[i], &g->step[2 * i + 1]);
	}
	g->n = STEPS / 2;
}

void flow_time_came(struct flow_time *t, size_t n, int64_t now)
{
	struct flow_ages *g = t->ages;

	if (!g) {
		g = t->ages = xcalloc(1, sizeof(*g));
		t->moved = now;
	}
	if (g->n == STEPS)
		halve_steps(g);
	g->step[g->n++] = (struct age){.n = n, .at = now};
	t->inside += n;
}

/* Takes out n bytes, the oldest. Returns bytes * ns that they have been inside. */
static double take_oldest(struct flow_time *t, size_t n, int64_t now)
{
	struct flow_ages *g = t->ages;
	double waited = 0;
	size_t gone = 0;

	t->inside -= n;
	while (n) {
		struct age *a = &g->step[gone];
		size_t part = n < a->n ? n : a->n;

		waited += (double)part * (double)(now - a->at);
		a->n -= part;
		n -= part;
		gone += a->n == 0;
	}
	if (!t->inside) {
		flow_time_fini(t);
		return waited;
	}
	g->n -= gone;
	memmove(g->step, g->step + gone, g->n * sizeof(g->step[0]));
	return waited;
}

void flow_time_left(struct flow_time *t, size_t n, int64_t now)
{
	size_t waiting = n < t->inside ? n : t->inside;

	t->left += n;
	t->moved = now;
	if (waiting)
		t->waited += take_oldest(t, waiting, now);
}

void flow_time_gone(struct flow_time *t, size_t n)
{
	if (n)
		(void)take_oldest(t, n, 0);
}
