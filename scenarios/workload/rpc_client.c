/* rpc_client.c - one poll loop over all connections; each has its own exchange and its own due
 * time.
 */
#include "scenarios/workload/rpc_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/rpc_conn.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"

#define STOP_GRACE (1 * NS_PER_S) /* for the exchange under way at a stop */

static void client_stop(struct client *cl)
{
	int64_t last = clock_now(&clock_monotonic) + STOP_GRACE;

	cl->stopping = true;
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		struct conn *c = &cl->conns[i];

		if (c->state == CONN_IDLE && c->fd != -1)
			json_array_append_new(cl->idle_kept,
					      json_real(conn_seconds_since(c->idle)));
		if (c->state == CONN_IDLE)
			c->state = CONN_OVER;
		else if (c->due > last)
			c->due = last;
	}
}

/* Sets what each descriptor is watched for: the connections', the closing ones', the runner's.
 * Returns false when nothing is left to be done. */
static bool client_watch(struct client *cl, int64_t *due)
{
	size_t n = cl->cfg->connections, total = n + cl->closers.n + 1;
	bool busy = cl->closers.n && !cl->stopping;

	cl->fds = xrealloc(cl->fds, total, sizeof(*cl->fds));
	*due = INT64_MAX;
	for (size_t i = 0; i < n; i++) {
		struct conn *c = &cl->conns[i];
		bool write = c->state == CONN_CONNECTING || c->state == CONN_SENDING;

		cl->fds[i].fd = c->state == CONN_OVER ? -1 : c->fd;
		cl->fds[i].events = write ? POLLOUT : POLLIN;
		busy |= c->state != CONN_OVER;
		if (c->state != CONN_OVER && c->due < *due)
			*due = c->due;
	}
	closers_watch(&cl->closers, cl->fds + n, due);
	cl->fds[total - 1] = (struct pollfd){.fd = cl->task->msg_fd, .events = POLLIN};
	return busy;
}

/* Waits once and handles the events. -1: the runner is gone; 0: all is over; 1: go on. */
static int client_turn(struct client *cl)
{
	size_t n = cl->cfg->connections, nclosing = cl->closers.n;
	int64_t due, now;

	if (!client_watch(cl, &due))
		return 0;
	sock_poll_until(cl->fds, n + nclosing + 1, due);
	for (size_t i = 0; i < n; i++)
		if (cl->fds[i].fd != -1 && cl->fds[i].revents)
			conn_event(cl, &cl->conns[i]);
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < n; i++)
		if (cl->conns[i].state != CONN_OVER && cl->conns[i].due <= now)
			conn_due(cl, &cl->conns[i]);
	closers_turn(&cl->closers, cl->fds + n, nclosing, now, &cl->tally);
	if (cl->fds[n + nclosing].revents) {
		enum runner_word word = runner_read(cl->task->msg_fd);

		if (word == RUNNER_GONE)
			return -1;
		if (word == RUNNER_STOP)
			client_stop(cl);
	}
	return tally_progress(&cl->tally, now) ? -1 : 1;
}

static void client_init(struct client *cl)
{
	char host[ADDR_TEXT];
	uint64_t n = cl->cfg->connections;
	int64_t now = clock_now(&clock_monotonic);

	sock_prepare();
	cl->tally.msg_fd = cl->task->msg_fd;
	cl->closers.patience = cl->cfg->close_timeout;
	cl->closers.closing = json_array();
	cl->idle_lost = json_array();
	cl->idle_kept = json_array();
	BUG_ON(rpc_records_parse(cl->cfg->records, &cl->records, &cl->nrecords, NULL));
	cl->buf = xcalloc(1, RPC_READ_SIZE);
	cl->conns = xcalloc(n, sizeof(*cl->conns));
	for (uint64_t i = 0; i < n; i++) {
		struct conn *c = &cl->conns[i];

		c->fd = -1;
		c->todo = cl->cfg->exchanges / n + (i < cl->cfg->exchanges % n);
		c->state = c->todo ? CONN_IDLE : CONN_OVER;
		c->due = now;
		c->request = xcalloc(1, cl->cfg->request + 1);
		http_request(c->request, cl->cfg->request, addr_format(&cl->task->address, host),
			     cl->cfg->path);
	}
}

static int client_report(struct client *cl)
{
	return tally_send(&cl->tally,
			  json_pack("{s:I,s:O,s:I,s:O,s:O}", "altered", (json_int_t)cl->altered,
				    "closing", cl->closers.closing, "close_timeouts",
				    (json_int_t)cl->closers.timeouts, "idle_lost", cl->idle_lost,
				    "idle_kept", cl->idle_kept));
}

static void client_fini(struct client *cl)
{
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		conn_close(&cl->conns[i]);
		content_free(&cl->conns[i].content);
		free(cl->conns[i].request);
	}
	closers_free(&cl->closers);
	json_decref(cl->closers.closing);
	json_decref(cl->idle_lost);
	json_decref(cl->idle_kept);
	tally_fini(&cl->tally);
	free(cl->records);
	free(cl->fds);
	free(cl->conns);
	free(cl->buf);
}

int rpc_client(const struct workload_task *task)
{
	struct client cl = {.task = task, .cfg = task->cfg};
	enum runner_word word = runner_await_start(task->msg_fd);
	int rc = 1, failed;

	client_init(&cl);
	while (word == RUNNER_START && rc == 1)
		rc = client_turn(&cl);
	failed = word != RUNNER_GONE && rc != -1 ? client_report(&cl) : -1;
	client_fini(&cl);
	return failed ? 1 : 0;
}
