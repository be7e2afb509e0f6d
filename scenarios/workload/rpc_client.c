/* rpc_client.c - the client of the workload "rpc": sends requests one after the other on each of
 * its connections and takes the time of every exchange. Accepts any HTTP/1.1 server. */
#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/rpc.h"
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
	int64_t due;   /* idle: when the next one begins; else when it has failed */
	size_t sent;   /* bytes of the request */
	struct tally_exchange now;
	struct http_parser http;
};

struct client {
	const struct workload_task *task;
	const struct rpc_client_cfg *cfg;
	struct tally tally;
	struct conn *conns;
	char *request;
	char *buf;
	bool stopping;
};

#define READ_SIZE (256u << 10)

static void conn_close(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

/* The exchange is over; the next one is due. */
static void conn_next(struct client *cl, struct conn *c, int64_t pause)
{
	if (!cl->task->until_stop)
		c->todo--;
	c->state = c->todo && !cl->stopping ? CONN_IDLE : CONN_OVER;
	c->due = c->now.end + pause;
	if (c->state == CONN_OVER)
		conn_close(c);
}

static void conn_fail(struct client *cl, struct conn *c, const char *text)
{
	c->now.end = clock_now(&clock_monotonic);
	c->now.bytes = c->http.bytes;
	tally_fail(&cl->tally, &c->now, text);
	conn_close(c);
	conn_next(cl, c, cl->cfg->think > RETRY_PAUSE ? cl->cfg->think : RETRY_PAUSE);
}

/* The response is complete. */
static void conn_done(struct client *cl, struct conn *c)
{
	if (c->http.status >= 400) {
		char text[64];

		snprintf(text, sizeof(text), "the server answered with status %u", c->http.status);
		conn_fail(cl, c, text);
		return;
	}
	c->now.ok = true;
	c->now.bytes = c->http.bytes;
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
	n = send(c->fd, cl->request + c->sent, size - c->sent, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		conn_fail(cl, c, strerror(errno));
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

/* Begins the exchange that is due, on the connection there is or on a new one. */
static void conn_begin(struct client *cl, struct conn *c)
{
	struct err e;

	memset(&c->now, 0, sizeof(c->now));
	c->now.start = clock_now(&clock_monotonic);
	c->due = c->now.start + cl->cfg->timeout;
	c->sent = 0;
	http_begin(&c->http, HTTP_RESPONSE, false);
	if (c->fd != -1) {
		c->state = CONN_SENDING;
		conn_send(cl, c);
		return;
	}
	c->state = CONN_CONNECTING;
	c->fd = sock_connect(&cl->task->address, &e);
	if (c->fd == -1)
		conn_fail(cl, c, e.text);
	else if (cl->cfg->nodelay)
		sock_nodelay(c->fd);
}

static void conn_connected(struct client *cl, struct conn *c)
{
	char text[ADDR_TEXT + 128];
	int error = sock_take_error(c->fd);

	if (error) {
		char address[ADDR_TEXT];

		snprintf(text, sizeof(text), "connect to %s: %s",
			 addr_format(&cl->task->address, address), strerror(error));
		conn_fail(cl, c, text);
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
			conn_fail(cl, c, strerror(errno));
		return;
	}
	if (n && !c->now.first)
		c->now.first = at;
	c->now.end = at;
	cl->tally.bytes_in += (uint64_t)n;
	if (!n) {
		if (http_end(&c->http, &e))
			conn_fail(cl, c, e.text);
		else
			conn_done(cl, c);
		return;
	}
	used = http_feed(&c->http, cl->buf, (size_t)n, &e);
	if (used == -1)
		conn_fail(cl, c, e.text);
	else if (used < n)
		conn_fail(cl, c, "the server sent more than its response");
	else if (http_done(&c->http))
		conn_done(cl, c);
}

static void conn_event(struct client *cl, struct conn *c)
{
	if (c->state == CONN_IDLE)
		conn_close(c); /* the server has ended it, or speaks out of turn */
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
	conn_fail(cl, c, text);
}

static void client_stop(struct client *cl)
{
	int64_t last = clock_now(&clock_monotonic) + STOP_GRACE;

	cl->stopping = true;
	for (size_t i = 0; i < cl->cfg->connections; i++) {
		struct conn *c = &cl->conns[i];

		if (c->state == CONN_IDLE)
			c->state = CONN_OVER;
		else if (c->due > last)
			c->due = last;
	}
}

/* One wait and what came of it. -1: the runner is gone; 0: all is over; 1: go on. */
static int client_turn(struct client *cl, struct pollfd *fds)
{
	size_t n = cl->cfg->connections;
	int64_t due = INT64_MAX, now;
	bool busy = false;

	for (size_t i = 0; i < n; i++) {
		struct conn *c = &cl->conns[i];
		bool write = c->state == CONN_CONNECTING || c->state == CONN_SENDING;

		fds[i].fd = c->state == CONN_OVER ? -1 : c->fd;
		fds[i].events = write ? POLLOUT : POLLIN;
		busy |= c->state != CONN_OVER;
		if (c->state != CONN_OVER && c->due < due)
			due = c->due;
	}
	if (!busy)
		return 0;
	fds[n].fd = cl->task->msg_fd;
	fds[n].events = POLLIN;
	poll_until(fds, n + 1, due);
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd != -1 && fds[i].revents)
			conn_event(cl, &cl->conns[i]);
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < n; i++)
		if (cl->conns[i].state != CONN_OVER && cl->conns[i].due <= now)
			conn_due(cl, &cl->conns[i]);
	if (fds[n].revents) {
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
	cl->request = xcalloc(1, cl->cfg->request + 1);
	http_request(cl->request, cl->cfg->request, addr_format(&cl->task->address, host),
		     cl->cfg->path);
	cl->buf = xcalloc(1, READ_SIZE);
	cl->conns = xcalloc(n, sizeof(*cl->conns));
	for (uint64_t i = 0; i < n; i++) {
		struct conn *c = &cl->conns[i];

		c->fd = -1;
		c->todo = cl->cfg->exchanges / n + (i < cl->cfg->exchanges % n);
		c->state = c->todo ? CONN_IDLE : CONN_OVER;
		c->due = now;
	}
}

int rpc_client(const struct workload_task *task)
{
	struct client cl = {.task = task, .cfg = task->cfg};
	enum runner_word word = runner_await_start(task->msg_fd);
	struct pollfd *fds;
	int rc = 1;

	client_init(&cl);
	fds = xcalloc(cl.cfg->connections + 1, sizeof(*fds));
	while (word == RUNNER_START && rc == 1)
		rc = client_turn(&cl, fds);
	if (word != RUNNER_GONE && rc != -1)
		rc = tally_send(&cl.tally, NULL);
	for (size_t i = 0; i < cl.cfg->connections; i++)
		conn_close(&cl.conns[i]);
	tally_fini(&cl.tally);
	free(fds);
	free(cl.conns);
	free(cl.buf);
	free(cl.request);
	return rc == 0 ? 0 : 1;
}
