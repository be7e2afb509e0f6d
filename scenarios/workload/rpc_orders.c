/* rpc_orders.c - a parameter that is set concerns what comes next: exchanges under way keep theirs.
 */
#include "scenarios/workload/rpc_orders.h"

#include "proxy/base/clock.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/rpc_load.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define STOP_GRACE (1 * NS_PER_S) /* for exchanges and closings under way at a stop */

void client_stop(struct client *cl)
{
	int64_t last = clock_now(&clock_monotonic) + STOP_GRACE;

	cl->stopping = true;
	for (size_t i = 0; i < cl->nconns; i++) {
		struct conn *c = cl->conns[i];

		if (c->state == CONN_IDLE && c->fd != -1)
			json_array_append_new(cl->idle_kept,
					      json_real(conn_seconds_since(c->idle)));
		if (c->state != CONN_IDLE) {
			c->due = c->due > last ? last : c->due;
			continue;
		}
		c->state = CONN_OVER;
		conn_finish(cl, c);
	}
	cl->closers.last = last;
}

/* Connections that are idle think no longer than is set now. */
static void think_anew(struct client *cl)
{
	int64_t now = clock_now(&clock_monotonic);

	for (size_t i = 0; i < cl->nconns && !cl->every; i++) {
		struct conn *c = cl->conns[i];

		if (c->state == CONN_IDLE && c->due > now + cl->cfg->think)
			c->due = now + cl->cfg->think;
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
	cl->awaited = (struct awaited){
	    .left = (uint64_t)json_integer_value(json_object_get(m, "n")),
	    .failed = json_is_true(json_object_get(m, "failed")),
	    .since = clock_now(&clock_monotonic),
	};
}

static bool vanish_socket(int fd)
{
	int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) == 0;
}

size_t client_vanish(struct client *cl)
{
	size_t refused = 0;

	for (size_t i = 0; i < cl->nconns; i++) {
		refused += cl->conns[i]->fd != -1 && !vanish_socket(cl->conns[i]->fd);
		conn_close(cl->conns[i]);
	}
	for (size_t i = 0; i < cl->closers.n; i++)
		refused += !vanish_socket(cl->closers.v[i].fd);
	return refused;
}
