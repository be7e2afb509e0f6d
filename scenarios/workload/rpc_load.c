/* rpc_load.c - a request that finds no free connection makes one: it waits for no other's answer
 * (an open loop), up to as many as there may be. */
#include "scenarios/workload/rpc_load.h"

#include "proxy/base/clock.h"

#define ALWAYS (UINT64_MAX / 2) /* a rate's connection has no count of its own */

static enum arrivals_kind kind_of(const struct client *cl)
{
	return (enum arrivals_kind)cl->cfg->arrivals;
}

void load_begin(struct client *cl)
{
	uint64_t n = cl->cfg->connections;
	int64_t now = clock_now(&clock_monotonic), due = now;

	cl->slots = n;
	arrivals_begin(&cl->arrivals, cl->cfg->rate, cl->cfg->exchanges, now);
	if (cl->arrivals.every)
		return;
	for (uint64_t i = 0; i < n; i++) {
		conn_add(cl, cl->cfg->exchanges / n + (i < cl->cfg->exchanges % n), due);
		due += arrivals_gap(&cl->arrivals, kind_of(cl), cl->cfg->connect_every);
	}
}

void load_set_connections(struct client *cl)
{
	int64_t due = clock_now(&clock_monotonic);

	if (cl->arrivals.every || cl->stopping)
		return;
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		struct conn *c = i < cl->nconns ? cl->conns[i] : conn_add(cl, 1, due);

		if (c->leaving && c->state == CONN_OVER) {
			c->state = CONN_IDLE;
			c->due = due;
		}
		c->leaving = false;
		if (c->due == due)
			due += arrivals_gap(&cl->arrivals, kind_of(cl), cl->cfg->connect_every);
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
	int64_t before = cl->arrivals.every, now = clock_now(&clock_monotonic);

	if (!arrivals_set_rate(&cl->arrivals, cl->cfg->rate, kind_of(cl), now))
		return;
	if (!cl->arrivals.every) {
		load_set_connections(cl);
		for (size_t i = 0; i < cl->nconns; i++)
			if (cl->conns[i]->state == CONN_IDLE)
				cl->conns[i]->due = now;
		return;
	}
	for (size_t i = 0; i < cl->nconns && !before; i++) {
		cl->conns[i]->leaving = false;
		if (cl->conns[i]->state == CONN_IDLE)
			cl->conns[i]->due = INT64_MAX;
	}
}

bool load_watch(const struct client *cl, int64_t *due)
{
	return !cl->stopping && arrivals_watch(&cl->arrivals, due);
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
	struct tally_exchange x = {.start = cl->arrivals.at, .end = cl->arrivals.at};

	tally_fail(&cl->tally, &x, OUTCOME_OTHER,
		   "as many requests as there may be are waiting for their answers");
}

void load_turn(struct client *cl, int64_t now)
{
	while (!cl->stopping && arrivals_came(&cl->arrivals, now)) {
		struct conn *c = find_free(cl);

		if (c) {
			c->todo = ALWAYS;
			c->arrived = cl->arrivals.at;
			conn_begin(cl, c);
		} else {
			refuse_arrival(cl);
		}
		arrivals_next(&cl->arrivals, kind_of(cl), cl->task->until_stop);
	}
}
