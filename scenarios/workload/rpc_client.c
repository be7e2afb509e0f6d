/* rpc_client.c - one poll loop over all connections; each has its own exchange and its own due
 * time.
 */
#include "scenarios/workload/rpc_client.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/rpc_ask.h"
#include "scenarios/workload/rpc_load.h"
#include "scenarios/workload/rpc_orders.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Sets what each descriptor is watched for: the connections', the closing ones', the runner's.
 * Returns false when nothing is left to be done. */
static bool client_watch(struct client *cl, int64_t *due)
{
	size_t n = cl->nconns, total = n + cl->closers.n + cl->balance.n + 1;
	bool busy = cl->closers.n;

	cl->fds = xrealloc(cl->fds, total, sizeof(*cl->fds));
	*due = INT64_MAX;
	for (size_t i = 0; i < n; i++) {
		struct conn *c = cl->conns[i];
		bool write = c->state == CONN_CONNECTING || c->state == CONN_SENDING ||
			     (c->state == CONN_SECURING && secure_events(c->secure) == POLLOUT);

		cl->fds[i].fd = c->state == CONN_OVER ? -1 : c->fd;
		cl->fds[i].events = write ? POLLOUT : POLLIN;
		busy |= c->state != CONN_OVER && c->due != INT64_MAX;
		if (c->state != CONN_OVER && c->due < *due)
			*due = c->due;
	}
	closers_watch(&cl->closers, cl->fds + n, due);
	balance_watch(&cl->balance, cl->fds + n + cl->closers.n, due);
	busy |= load_watch(cl, due) || (cl->task->until_stop && !cl->stopping);
	cl->fds[total - 1] = (struct pollfd){.fd = cl->task->msg_fd, .events = POLLIN};
	return busy;
}

/* Does what the runner wants. -1: it is gone; 0: the client dies; 1: go on. */
static int client_obey(struct client *cl)
{
	json_t *m;
	int rc = 1;

	cl->word = runner_obey(cl->task->msg_fd, &m);
	switch (cl->word) {
	case RUNNER_GONE:
		rc = -1;
		break;
	case RUNNER_STOP:
		client_stop(cl);
		break;
	case RUNNER_KILL:
	case RUNNER_VANISH:
		rc = 0;
		break;
	case RUNNER_SET:
		rc = client_set(cl, m) == 0 ? 1 : -1;
		break;
	case RUNNER_AWAIT:
		client_await(cl, m);
		break;
	default:
		break;
	}
	json_decref(m);
	return rc;
}

/* Waits once and handles the events. -1: the runner is gone; 0: all is over; 1: go on. */
static int client_turn(struct client *cl)
{
	size_t n = cl->nconns, nclosing = cl->closers.n, checks = n + nclosing;
	size_t last = checks + cl->balance.n;
	int64_t due, now;

	if (!client_watch(cl, &due))
		return 0;
	sock_poll_until(cl->fds, last + 1, due);
	for (size_t i = 0; i < n; i++)
		if (cl->fds[i].fd != -1 && cl->fds[i].revents)
			conn_event(cl, cl->conns[i]);
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < n; i++)
		if (cl->conns[i]->state != CONN_OVER && cl->conns[i]->due <= now)
			conn_due(cl, cl->conns[i]);
	load_turn(cl, now);
	balance_turn(&cl->balance, cl->fds + checks, now);
	closers_turn(&cl->closers, cl->fds + n, nclosing, now, &cl->tally);
	if (cl->fds[last].revents) {
		int rc = client_obey(cl);

		if (rc != 1)
			return rc;
	}
	return cl->gone || tally_progress(&cl->tally, now) ? -1 : 1;
}

/* A check asks for the path, in as few bytes as a request needs. */
static void begin_balance(struct client *cl)
{
	const struct workload_task *task = cl->task;
	size_t size = http_request_min("GET", cl->cfg->path);

	cl->balance = (struct balance){.how = cl->cfg->balance,
				       .asks = BALANCE_HTTP,
				       .every = cl->cfg->probe_every,
				       .timeout = cl->cfg->probe_timeout,
				       .request = xcalloc(1, size + 1),
				       .size = size};
	rpc_write_request(cl, cl->balance.request, size, "GET", &task->address, cl->cfg->path, 0);
	balance_init(&cl->balance, task->naddresses ? task->addresses : &task->address,
		     task->naddresses ? task->naddresses : 1, clock_now(&clock_monotonic));
}

static void client_init(struct client *cl)
{
	sock_prepare();
	cl->cfg = xcalloc(1, cl->protocol->cfg_size);
	param_copy(cl->task->params, cl->cfg, cl->task->cfg, cl->protocol->cfg_size);
	cl->tally.msg_fd = cl->task->msg_fd;
	cl->secure = cl->cfg->tls ? secure_client() : NULL;
	cl->arrivals.gaps = rng_make(cl->task->chance, 0, 0);
	cl->pauses = rng_make(cl->task->chance, 1, 0);
	cl->timeouts = rng_make(cl->task->chance, 2, 0);
	cl->closers.patience = cl->cfg->close_timeout;
	cl->closers.closing = json_array();
	cl->closers.began = json_array();
	cl->idle_lost = json_array();
	cl->idle_kept = json_array();
	cl->buf = xcalloc(1, RPC_READ_SIZE);
	begin_balance(cl);
	load_begin(cl);
}

static int client_report(struct client *cl)
{
	return tally_send(&cl->tally,
			  json_pack("{s:I,s:O,s:O,s:I,s:O,s:O,s:I,s:I,s:I,s:I}", "altered",
				    (json_int_t)cl->altered, "closing", cl->closers.closing,
				    "closing_began", cl->closers.began, "close_timeouts",
				    (json_int_t)cl->closers.timeouts, "idle_lost", cl->idle_lost,
				    "idle_kept", cl->idle_kept, "retries", (json_int_t)cl->retried,
				    "retried_ok", (json_int_t)cl->retried_ok, "probes",
				    (json_int_t)cl->balance.probes, "probes_ok",
				    (json_int_t)cl->balance.probes_ok));
}

/* The sockets are still open: what becomes of them, the kernel decides. */
static void client_die(struct client *cl)
{
	size_t refused = cl->word == RUNNER_VANISH ? client_vanish(cl) : 0;

	if (refused)
		fprintf(stderr, "wedge: warning: %zu socket%s vanish: %s\n", refused,
			refused == 1 ? " doesn't" : "s don't", strerror(errno));
	(void)raise(SIGKILL);
}

static void client_fini(struct client *cl)
{
	for (size_t i = 0; i < cl->nconns; i++)
		conn_free(cl->conns[i]);
	closers_free(&cl->closers);
	balance_free(&cl->balance);
	json_decref(cl->closers.closing);
	json_decref(cl->closers.began);
	json_decref(cl->idle_lost);
	json_decref(cl->idle_kept);
	tally_fini(&cl->tally);
	secure_context_free(cl->secure);
	param_free(cl->task->params, cl->cfg);
	free(cl->cfg);
	free(cl->fds);
	free(cl->conns);
	free(cl->buf);
}

void rpc_client_ask(struct conn *c, const struct http_ask *a)
{
	struct http_text request = {.v = NULL};
	struct http_ask whole = *a;
	char host[ADDR_TEXT];

	whole.host = rpc_host_field(c->client->cfg, c->server, host);
	http_text_request(&request, &whole);
	conn_request(c, request.v, request.len);
}

int rpc_client_run(const struct workload_task *task, const struct rpc_client_protocol *protocol,
		   void *mine)
{
	struct client cl = {.task = task, .protocol = protocol, .mine = mine};
	enum runner_word word = runner_await_start(task->msg_fd);
	int rc = 1, failed;

	client_init(&cl);
	while (word == RUNNER_START && rc == 1)
		rc = client_turn(&cl);
	failed = word != RUNNER_GONE && rc != -1 ? client_report(&cl) : -1;
	if (cl.word == RUNNER_KILL || cl.word == RUNNER_VANISH)
		client_die(&cl);
	client_fini(&cl);
	return failed ? 1 : 0;
}

int rpc_client(const struct workload_task *task)
{
	static const struct rpc_client_protocol protocol = {
	    .cfg_size = sizeof(struct rpc_client_cfg),
	    .own_size = sizeof(struct rpc_asking),
	    .ask = rpc_ask,
	    .body = rpc_count_records,
	};
	const struct rpc_client_cfg *cfg = task->cfg;
	struct rpc_lists lists;
	int rc;

	BUG_ON(rpc_records_parse(cfg->records, &lists.records, &lists.n, NULL));
	rc = rpc_client_run(task, &protocol, &lists);
	free(lists.records);
	return rc;
}
