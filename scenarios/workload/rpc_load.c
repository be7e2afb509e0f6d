/* rpc_load.c - a request that finds no free connection makes one: it waits for no other's answer
 * (an open loop), up to as many as there may be. */
#include "scenarios/workload/rpc_load.h"

#include "proxy/base/clock.h"

#define ALWAYS (UINT64_MAX / 2) /* a rate's connection has no count of its own */

static int64_t rate_every(const struct client *cl)
{
	int64_t every = 0;

	BUG_ON(rpc_rate_parse(cl->cfg->rate, &every, NULL) == -1);
	return every;
}

/* Returns how long after the last arrival the next one comes, of a mean of so many nanoseconds. */
static int64_t draw_gap(struct client *cl, int64_t mean)
{
	if (cl->cfg->arrivals == RPC_EVEN)
		return mean;
	return (int64_t)rng_exponential(&cl->gaps, (double)mean);
}

void load_begin(struct client *cl)
{
	uint64_t n = cl->cfg->connections;
	int64_t now = clock_now(&clock_monotonic), due = now;

	cl->slots = n;
	cl->every = rate_every(cl);
	cl->arrivals = cl->cfg->exchanges;
	cl->arrival = now;
	if (cl->every)
		return;
	for (uint64_t i = 0; i < n; i++) {
		conn_add(cl, cl->cfg->exchanges / n + (i < cl->cfg->exchanges % n), due);
		due += draw_gap(cl, cl->cfg->connect_every);
	}
}

void load_set_connections(struct client *cl)
{
	int64_t due = clock_now(&clock_monotonic);

	if (cl->every || cl->stopping)
		return;
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		struct conn *c = i < cl->nconns ? cl->conns[i] : conn_add(cl, 1, due);

		if (c->leaving && c->state == CONN_OVER) {
			c->state = CONN_IDLE;
			c->due = due;
		}
		c->leaving = false;
		if (c->due == due)
			due += draw_gap(cl, cl->cfg->connect_every);
	}
	for (size_t i = cl->cfg->connections; i < cl->nconns; i++) {
		struct conn *c = cl->conns[i];

		c->leaving = true;
		if (c->state != CONN_IDLE)
			continue;
		c->state = CONN_OVER;
		conn_finish(cl, c);
	}
}

void load_set_rate(struct client *cl)
{
	int64_t before = cl->every, now = clock_now(&clock_monotonic), next;

	cl->every = rate_every(cl);
	if (before == cl->every)
		return;
	if (!cl->every) {
		load_set_connections(cl);
		for (size_t i = 0; i < cl->nconns; i++)
			if (cl->conns[i]->state == CONN_IDLE)
				cl->conns[i]->due = now;
		return;
	}
	/* The last request came at arrival - before; the next one keeps the new distance to it.
	 * What is drawn doesn't depend on when the last one came. */
	next = cl->cfg->arrivals == RPC_POISSON ? now + draw_gap(cl, cl->every)
	       : before				? cl->arrival - before + cl->every
						: now;
	cl->arrival = next > now ? next : now;
	for (size_t i = 0; i < cl->nconns && !before; i++) {
		cl->conns[i]->leaving = false;
		if (cl->conns[i]->state == CONN_IDLE)
			cl->conns[i]->due = INT64_MAX;
	}
}

bool load_watch(const struct client *cl, int64_t *due)
{
	if (!cl->every || cl->stopping || !cl->arrivals)
		return false;
	if (cl->arrival < *due)
		*due = cl->arrival;
	return true;
}

static struct conn *find_free(struct client *cl)
{
	struct conn *idle = NULL;

	for (size_t i = 0; i < cl->nconns; i++) {
		struct conn *c = cl->conns[i];

		if (c->state == CONN_IDLE && c->due == INT64_MAX && c->fd != -1)
			return c;
		if (c->state == CONN_OVER || (c->state == CONN_IDLE && c->due == INT64_MAX))
			idle = c;
	}
	if (!idle && cl->nconns < RPC_CONNECTIONS_MAX)
		idle = conn_add(cl, ALWAYS, INT64_MAX);
	return idle;
}

static void refuse_arrival(struct client *cl)
{
	struct tally_exchange x = {.start = cl->arrival, .end = cl->arrival};

	tally_fail(&cl->tally, &x, OUTCOME_OTHER,
		   "as many requests as there may be are waiting for their answers");
}

void load_turn(struct client *cl, int64_t now)
{
	while (cl->every && !cl->stopping && cl->arrivals && cl->arrival <= now) {
		struct conn *c = find_free(cl);

		if (c) {
			c->todo = ALWAYS;
			c->arrived = cl->arrival;
			conn_begin(cl, c);
		} else {
			refuse_arrival(cl);
		}
		cl->arrival += draw_gap(cl, cl->every);
		if (!cl->task->until_stop)
			cl->arrivals--;
	}
}
