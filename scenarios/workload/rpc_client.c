/* rpc_client.c - the client of the workload "rpc": sends requests one after the other on each of
 * its connections and takes the time of every exchange. Accepts any HTTP/1.1 server. */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/rpc.h"
#include "scenarios/workload/rpc_close.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/tally.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_PAUSE (100 * NS_PER_MS) /* after a failure: a dead server must not make us spin */
#define STOP_GRACE  (1 * NS_PER_S)    /* for the exchange under way at a stop */

enum conn_state { CONN_IDLE, CONN_CONNECTING, CONN_SENDING, CONN_RECEIVING, CONN_OVER };

struct conn {
	enum conn_state state;
	int fd;	       /* -1: not connected */
	uint64_t todo; /* exchanges left */
	uint64_t done; /* on this connection */
	int64_t idle;  /* when the last exchange ended well */
	int64_t due;   /* idle: when the next one begins; else when it has failed */
	size_t sent;   /* bytes of the request */
	char *request;
	struct tally_exchange now;
	struct http_parser http;
	struct content content;
};

struct client {
	const struct workload_task *task;
	const struct rpc_client_cfg *cfg;
	struct tally tally;
	struct conn *conns;
	struct closers closers;
	uint64_t *records; /* of each list, in turn; nrecords of them */
	size_t nrecords, next_list;
	json_t *idle_lost, *idle_kept; /* seconds that connections had been idle */
	uint64_t altered;
	struct pollfd *fds;
	char *buf;
	bool stopping;
};

#define READ_SIZE (256u << 10)

static void conn_close(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->done = 0;
}

/* Ends a connection that is in good order, as the configuration wants it. */
static void conn_finish(struct client *cl, struct conn *c)
{
	if (c->fd != -1 && cl->cfg->close == RPC_SHUTDOWN && !cl->stopping) {
		closers_add(&cl->closers, c->fd, clock_now(&clock_monotonic));
		c->fd = -1;
	}
	conn_close(c);
}

/* The exchange is over; the next one is due. */
static void conn_next(struct client *cl, struct conn *c, int64_t pause)
{
	if (!cl->task->until_stop)
		c->todo--;
	c->state = c->todo && !cl->stopping ? CONN_IDLE : CONN_OVER;
	c->due = c->now.end + pause;
	if (c->state == CONN_OVER ||
	    (cl->cfg->per_connection && c->done == cl->cfg->per_connection))
		conn_finish(cl, c);
}

static void conn_fail(struct client *cl, struct conn *c, enum outcome outcome, const char *text)
{
	c->now.end = clock_now(&clock_monotonic);
	c->now.bytes = c->http.bytes;
	c->now.records = c->content.records;
	tally_fail(&cl->tally, &c->now, outcome, text);
	conn_close(c);
	conn_next(cl, c, cl->cfg->think > RETRY_PAUSE ? cl->cfg->think : RETRY_PAUSE);
}

static void conn_fail_errno(struct client *cl, struct conn *c)
{
	bool reset = errno == ECONNRESET || errno == EPIPE;

	conn_fail(cl, c, reset ? OUTCOME_RESET : OUTCOME_OTHER, strerror(errno));
}

/* The response is complete. */
static void conn_done(struct client *cl, struct conn *c)
{
	bool altered = content_altered(&c->content, &c->http);

	cl->altered += altered;
	if (c->http.status >= 400) {
		char text[64];

		snprintf(text, sizeof(text), "the server answered with status %u", c->http.status);
		conn_fail(cl, c, OUTCOME_OTHER, text);
		return;
	}
	if (altered && cl->cfg->verify) {
		conn_fail(cl, c, OUTCOME_CORRUPT, "the body's SHA-256 isn't the one announced");
		return;
	}
	c->now.ok = true;
	c->now.bytes = c->http.bytes;
	c->now.records = c->content.records;
	c->idle = c->now.end;
	c->done++;
	tally_add(&cl->tally, &c->now);
	if (!c->http.keep_alive)
		conn_close(c);
	conn_next(cl, c, cl->cfg->think);
}

static void conn_send(struct client *cl, struct conn *c)
{
	size_t size = cl->cfg->request;
	ssize_t n;

	if (!c->sent)
		c->now.start = clock_now(&clock_monotonic);
	n = send(c->fd, c->request + c->sent, size - c->sent, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		conn_fail_errno(cl, c);
		return;
	}
	if (n > 0) {
		c->sent += (size_t)n;
		cl->tally.bytes_out += (uint64_t)n;
	}
	if (c->sent == size)
		c->state = CONN_RECEIVING;
	if (cl->cfg->quickack)
		sock_quickack(c->fd);
}

/* Asks for the next list, where lists are wanted. */
static void conn_ask(struct client *cl, struct conn *c)
{
	char target[2048], host[ADDR_TEXT];

	if (!cl->nrecords)
		return;
	c->now.asked = cl->records[cl->next_list++ % cl->nrecords];
	snprintf(target, sizeof(target), "%s" RECORDS_QUERY "%llu", cl->cfg->path,
		 (unsigned long long)c->now.asked);
	http_request(c->request, cl->cfg->request, addr_format(&cl->task->address, host), target);
}

static void conn_options(const struct client *cl, const struct conn *c)
{
	if (cl->cfg->nodelay)
		sock_nodelay(c->fd);
	if (cl->cfg->keepalive)
		sock_keepalive(c->fd, (int)(cl->cfg->keepalive / NS_PER_S),
			       (int)(cl->cfg->keepalive_interval / NS_PER_S),
			       (int)cl->cfg->keepalive_probes);
}

static void take_body(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;

	content_take(&c->content, &c->http, data, len);
}

/* Begins the exchange that is due, on the connection there is or on a new one. */
static void conn_begin(struct client *cl, struct conn *c)
{
	struct err e;

	memset(&c->now, 0, sizeof(c->now));
	c->now.start = clock_now(&clock_monotonic);
	c->due = c->now.start + cl->cfg->timeout;
	c->sent = 0;
	http_begin(&c->http, HTTP_RESPONSE, false);
	c->http.body = take_body;
	c->http.body_arg = c;
	content_begin(&c->content);
	conn_ask(cl, c);
	if (c->fd != -1) {
		c->state = CONN_SENDING;
		conn_send(cl, c);
		return;
	}
	c->state = CONN_CONNECTING;
	c->fd = sock_connect(&cl->task->address, &e);
	if (c->fd == -1)
		conn_fail(cl, c, OUTCOME_CONNECT, e.text);
	else
		conn_options(cl, c);
}

static void conn_connected(struct client *cl, struct conn *c)
{
	char text[ADDR_TEXT + 128];
	int error = sock_take_error(c->fd);

	if (error) {
		char address[ADDR_TEXT];

		snprintf(text, sizeof(text), "connect to %s: %s",
			 addr_format(&cl->task->address, address), strerror(error));
		conn_fail(cl, c, OUTCOME_CONNECT, text);
		return;
	}
	cl->tally.connections++;
	c->state = CONN_SENDING;
	conn_send(cl, c);
}

static void conn_receive(struct client *cl, struct conn *c)
{
	ssize_t n = recv(c->fd, cl->buf, READ_SIZE, 0), used;
	int64_t at = clock_now(&clock_monotonic);
	struct err e;

	if (cl->cfg->quickack)
		sock_quickack(c->fd);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			conn_fail_errno(cl, c);
		return;
	}
	if (n && !c->now.first)
		c->now.first = at;
	if (n)
		c->now.last = at;
	c->now.end = at;
	cl->tally.bytes_in += (uint64_t)n;
	if (!n) {
		if (http_end(&c->http, &e))
			conn_fail(cl, c, OUTCOME_EOF, e.text);
		else
			conn_done(cl, c);
		return;
	}
	used = http_feed(&c->http, cl->buf, (size_t)n, &e);
	if (used == -1)
		conn_fail(cl, c, OUTCOME_OTHER, e.text);
	else if (used < n)
		conn_fail(cl, c, OUTCOME_OTHER, "the server sent more than its response");
	else if (http_done(&c->http))
		conn_done(cl, c);
}

static double seconds_since(int64_t then)
{
	return (double)(clock_now(&clock_monotonic) - then) / (double)NS_PER_S;
}

/* Something on an idle connection: the server has ended it, or speaks out of turn, or it was found
 * dead. */
static void conn_lost(struct client *cl, struct conn *c)
{
	char text[160], byte;
	ssize_t n = recv(c->fd, &byte, 1, 0);

	snprintf(text, sizeof(text), "an idle connection: %s",
		 n == -1  ? strerror(errno)
		 : n == 0 ? "the server has closed it"
			  : "the server speaks out of turn");
	tally_error(&cl->tally, text);
	json_array_append_new(cl->idle_lost, json_real(seconds_since(c->idle)));
	conn_close(c);
}

static void conn_event(struct client *cl, struct conn *c)
{
	if (c->state == CONN_IDLE)
		conn_lost(cl, c);
	else if (c->state == CONN_CONNECTING)
		conn_connected(cl, c);
	else if (c->state == CONN_SENDING)
		conn_send(cl, c);
	else if (c->state == CONN_RECEIVING)
		conn_receive(cl, c);
}

static void conn_due(struct client *cl, struct conn *c)
{
	char text[64];

	if (c->state == CONN_IDLE) {
		conn_begin(cl, c);
		return;
	}
	if (cl->stopping) {
		c->state = CONN_OVER;
		return;
	}
	snprintf(text, sizeof(text),
		 c->state == CONN_CONNECTING ? "timed out in connect"
		 : c->now.first		     ? "timed out inside the response"
					     : "timed out without a response");
	conn_fail(cl, c, c->state == CONN_CONNECTING ? OUTCOME_CONNECT : OUTCOME_TIMEOUT, text);
}

static void client_stop(struct client *cl)
{
	int64_t last = clock_now(&clock_monotonic) + STOP_GRACE;

	cl->stopping = true;
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		struct conn *c = &cl->conns[i];

		if (c->state == CONN_IDLE && c->fd != -1)
			json_array_append_new(cl->idle_kept, json_real(seconds_since(c->idle)));
		if (c->state == CONN_IDLE)
			c->state = CONN_OVER;
		else if (c->due > last)
			c->due = last;
	}
}

/* What each descriptor is watched for: the connections', the closing ones', the runner's. Returns
 * whether anything is left to be done. */
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

/* One wait and what came of it. -1: the runner is gone; 0: all is over; 1: go on. */
static int client_turn(struct client *cl)
{
	size_t n = cl->cfg->connections, nclosing = cl->closers.n;
	int64_t due, now;

	if (!client_watch(cl, &due))
		return 0;
	poll_until(cl->fds, n + nclosing + 1, due);
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
	cl->buf = xcalloc(1, READ_SIZE);
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

static int client_tell(struct client *cl)
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
	int rc = 1, told;

	client_init(&cl);
	while (word == RUNNER_START && rc == 1)
		rc = client_turn(&cl);
	told = word != RUNNER_GONE && rc != -1 ? client_tell(&cl) : -1;
	client_fini(&cl);
	return told ? 1 : 0;
}
