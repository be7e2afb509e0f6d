/* rpc_orders.c - a parameter that is set concerns what comes next: exchanges under way keep theirs.
 */
#include "scenarios/workload/rpc_orders.h"

#include "proxy/base/clock.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/rpc_load.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/vanish.h"

#include <string.h>

#define STOP_GRACE (1 * NS_PER_S) /* for exchanges and closings under way at a stop */

/* Returns when a connection ends after a stop: at once when it is idle, after the grace when it
 * isn't. Those that come by arrivals=poisson belong to many people, who don't leave at one moment:
 * each within the grace, exchanges under way in its second half. */
static int64_t stop_time(struct client *cl, bool idle, int64_t now)
{
	double drawn = rng_unit(&cl->arrivals.gaps);

	if (cl->cfg->arrivals == ARRIVALS_EVEN)
		return idle ? now : now + STOP_GRACE;
	return now + (int64_t)((double)STOP_GRACE * (idle ? drawn : (1 + drawn) / 2));
}

void client_stop(struct client *cl)
{
	int64_t now = clock_now(&clock_monotonic);

	cl->stopping = true;
	for (size_t i = 0; i < cl->nconns; i++) {
		struct conn *c = cl->conns[i];
		int64_t due;

		if (c->state == CONN_IDLE && c->fd != -1)
			json_array_append_new(cl->idle_kept,
					      json_real(conn_seconds_since(c->idle)));
		if (c->state == CONN_OVER)
			continue;
		due = stop_time(cl, c->state == CONN_IDLE, now);
		if (c->state == CONN_IDLE || c->due > due)
			c->due = c->fd == -1 ? now : due;
	}
	cl->closers.last = now + STOP_GRACE;
}

/* Connections that are idle think no longer than is set now: each goes on as if that had been set
 * since its last exchange, so that they don't ask all at once. */
static void think_anew(struct client *cl)
{
	int64_t now = clock_now(&clock_monotonic), think = cl->cfg->think;

	for (size_t i = 0; i < cl->nconns && !cl->arrivals.every; i++) {
		struct conn *c = cl->conns[i];

		if (c->state == CONN_IDLE && c->due > now + think)
			c->due = now + (think ? think - (now - c->now.end) % think : 0);
	}
}

int client_set(struct client *cl, const json_t *m)
{
	const char *key = json_string_value(json_object_get(m, "key"));
	const char *value = json_string_value(json_object_get(m, "value"));
	const struct param *p = key ? param_find(cl->task->params, key) : NULL;
	struct err e;

	if (!p || !value || param_set(p, cl->cfg, value, &e) == -1)
		return runner_error(cl->task->msg_fd, p && value ? e.text : "no such parameter");
	if (strcmp(key, "rate") == 0)
		load_set_rate(cl);
	else if (strcmp(key, "connections") == 0)
		load_set_connections(cl);
	else if (strcmp(key, "think") == 0)
		think_anew(cl);
	return runner_done(cl->task->msg_fd);
}

void client_await(struct client *cl, const json_t *m)
{
	if (awaited_begin(&cl->awaited, m, &cl->tally) && runner_done(cl->task->msg_fd) == -1)
		cl->gone = true;
}

size_t client_vanish(struct client *cl)
{
	size_t refused = 0;

	for (size_t i = 0; i < cl->nconns; i++)
		refused += cl->conns[i]->fd != -1 && vanish_socket(cl->conns[i]->fd) == -1;
	for (size_t i = 0; i < cl->closers.n; i++)
		refused += vanish_socket(cl->closers.v[i].fd) == -1;
	return refused + (vanish_outlive(cl->task->msg_fd) == -1);
}
