/* rpc_conn.c - a state a connection; an exchange ends well, or fails and pauses. */
#include "scenarios/workload/rpc_conn.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_PAUSE (100 * NS_PER_MS) /* after a failure: a dead server must not make us spin */

void conn_close(struct conn *c)
{
	secure_end(c->secure);
	c->secure = NULL;
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->done = 0;
}

struct conn *conn_add(struct client *cl, uint64_t todo, int64_t due)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	cl->conns = xrealloc(cl->conns, cl->nconns + 1, sizeof(struct conn *));
	c->slot = cl->nconns;
	cl->conns[cl->nconns++] = c;
	c->fd = -1;
	c->todo = todo;
	c->state = todo ? CONN_IDLE : CONN_OVER;
	c->due = due;
	c->client = cl;
	c->mine = xcalloc(1, cl->protocol->own_size + 1);
	return c;
}

void conn_free(struct conn *c)
{
	conn_close(c);
	content_free(&c->content);
	if (c->client->protocol->end)
		c->client->protocol->end(c);
	free(c->request);
	free(c->mine);
	free(c);
}

void conn_request(struct conn *c, char *text, size_t size)
{
	free(c->request);
	c->request = text;
	c->size = size;
}

void conn_finish(struct client *cl, struct conn *c)
{
	if (c->fd != -1 && cl->cfg->close == RPC_SHUTDOWN) {
		secure_end(c->secure);
		c->secure = NULL;
		closers_add(&cl->closers, c->fd, clock_now(&clock_monotonic));
		c->fd = -1;
	}
	conn_close(c);
}

/* The exchange that has just ended may be one that the runner awaits. */
static void count_awaited(struct client *cl, const struct tally_exchange *x)
{
	if (awaited_count(&cl->awaited, x) && runner_done(cl->task->msg_fd) == -1)
		cl->gone = true;
}

static int64_t vary_pause(struct client *cl, int64_t pause, double share)
{
	if (share > 0)
		pause += (int64_t)((double)pause * share * (2 * rng_unit(&cl->pauses) - 1));
	return pause;
}

/* The exchange is over; the next one is due, unless its time comes by the rate. */
static void conn_next(struct client *cl, struct conn *c, int64_t pause)
{
	if (!cl->task->until_stop)
		c->todo--;
	c->retry = 0;
	c->local.len = 0;
	c->state = c->todo && !cl->stopping && !c->leaving ? CONN_IDLE : CONN_OVER;
	c->due = cl->arrivals.every ? INT64_MAX
				    : c->now.end + vary_pause(cl, pause, cl->cfg->think_varies);
	c->arrived = 0;
	if (c->state == CONN_OVER ||
	    (cl->cfg->per_connection && c->done == cl->cfg->per_connection))
		conn_finish(cl, c);
}

/* A port that its own try still holds can be bound again only when that connection is gone at once:
 * by RST. */
static void keep_port(struct conn *c)
{
	struct linger at_once = {.l_onoff = 1};
	struct addr local = {.len = sizeof(local.in6)};

	if (c->fd == -1 || getsockname(c->fd, &local.sa, &local.len) == -1)
		return;
	c->local = local;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void conn_retry(struct client *cl, struct conn *c)
{
	if (cl->cfg->retry_port == RPC_PORT_SAME)
		keep_port(c);
	conn_close(c);
	c->retry++;
	cl->retried++;
	c->state = CONN_IDLE;
	c->due = c->now.end + vary_pause(cl, cl->cfg->retry_wait, cl->cfg->retry_varies);
	c->arrived = c->due;
}

static void conn_fail(struct client *cl, struct conn *c, enum outcome outcome, const char *text)
{
	c->now.end = clock_now(&clock_monotonic);
	c->now.bytes = c->http.bytes;
	c->now.records = c->content.records;
	c->now.retry = c->retry;
	tally_fail(&cl->tally, &c->now, outcome, text);
	c->now.ok = false;
	count_awaited(cl, &c->now);
	if (c->retry < cl->cfg->retries && !cl->stopping) {
		conn_retry(cl, c);
		return;
	}
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
	struct err e;

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
	if (cl->protocol->judge && cl->protocol->judge(c, &e)) {
		conn_fail(cl, c, OUTCOME_OTHER, e.text);
		return;
	}
	c->now.ok = true;
	c->now.bytes = c->http.bytes;
	c->now.records = c->content.records;
	c->idle = c->now.end;
	c->done++;
	c->now.retry = c->retry;
	cl->retried_ok += c->retry > 0;
	tally_add(&cl->tally, &c->now);
	count_awaited(cl, &c->now);
	if (!c->http.keep_alive)
		conn_close(c);
	conn_next(cl, c, cl->cfg->think);
}

/* Something has gone on: when the exchange under way has failed if nothing more does. */
static void conn_be_patient(const struct client *cl, struct conn *c, int64_t now)
{
	int64_t idle = cl->cfg->idle_timeout;

	c->due = idle && now + idle < c->deadline ? now + idle : c->deadline;
}

/* The exchange begins now, and has its whole time, not what making the connection left of it. */
static void begin_sending(struct conn *c)
{
	int64_t spent = clock_now(&clock_monotonic) - c->now.start;

	c->now.start += spent;
	c->due = c->deadline += spent;
}

static void conn_send(struct client *cl, struct conn *c)
{
	ssize_t n;

	if (!c->sent && !cl->arrivals.every)
		begin_sending(c);
	n = secure_send(c->secure, c->fd, c->request + c->sent, c->size - c->sent);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		conn_fail_errno(cl, c);
		return;
	}
	if (n > 0) {
		c->sent += (size_t)n;
		cl->tally.bytes_out += (uint64_t)n;
	}
	if (c->sent == c->size) {
		c->state = CONN_RECEIVING;
		conn_be_patient(cl, c, clock_now(&clock_monotonic));
	}
	if (cl->cfg->quickack)
		sock_quickack(c->fd);
}

static void conn_options(const struct client *cl, const struct conn *c)
{
	if (cl->cfg->nodelay)
		sock_nodelay(c->fd);
	keepalive_begin(c->fd, &cl->cfg->keepalive);
}

static void take_body(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;

	content_take(&c->content, &c->http, data, len);
	c->client->protocol->body(c, data, len);
}

static void take_field(void *arg, const char *name, const char *value)
{
	struct conn *c = arg;

	c->client->protocol->field(c, name, value);
}

/* From the port of the try that has failed, or from one that tells which connection it is; that one
 * may be in TIME_WAIT when the ports have come round. */
static uint16_t pick_port(struct client *cl, struct conn *c)
{
	const struct client_ports *all = &cl->task->ports;

	if (cl->arrivals.every) /* whose place is free for a request is a matter of time */
		return client_ports_pick(all, 1, 0, cl->made++);
	return client_ports_pick(all, cl->slots, c->slot, c->made++);
}

static int connect_conn(struct client *cl, struct conn *c, struct err *e)
{
	const struct addr *to = c->server;
	struct addr from = {.in6 = {.sin6_family = to->sa.sa_family}, .len = to->len};
	int fd = -1;

	if (c->local.len)
		return sock_connect(to, &c->local, e);
	addr_set_port(&from, pick_port(cl, c));
	if (addr_port(&from))
		fd = sock_connect(to, &from, e);
	if (fd != -1 || (addr_port(&from) && errno != EADDRNOTAVAIL && errno != EADDRINUSE))
		return fd;
	return sock_connect(to, NULL, e);
}

void conn_begin(struct client *cl, struct conn *c)
{
	double more = cl->cfg->timeout_varies * rng_unit(&cl->timeouts);
	struct err e;

	memset(&c->now, 0, sizeof(c->now));
	c->now.start = cl->arrivals.every && c->arrived ? c->arrived : clock_now(&clock_monotonic);
	c->deadline = c->due =
	    c->now.start + cl->cfg->timeout + (int64_t)((double)cl->cfg->timeout * more);
	c->sent = 0;
	http_begin(&c->http, HTTP_RESPONSE, false);
	c->http.body = take_body;
	c->http.field = cl->protocol->field ? take_field : NULL;
	c->http.arg = c;
	content_begin(&c->content);
	if (c->fd == -1)
		c->server = balance_pick(&cl->balance);
	cl->protocol->ask(cl, c);
	if (c->fd != -1) {
		c->state = CONN_SENDING;
		conn_send(cl, c);
		return;
	}
	c->state = CONN_CONNECTING;
	c->fd = connect_conn(cl, c, &e);
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

		snprintf(text, sizeof(text), "connect to %s: %s", addr_format(c->server, address),
			 strerror(error));
		conn_fail(cl, c, OUTCOME_CONNECT, text);
		return;
	}
	cl->tally.connections++;
	c->state = CONN_SENDING;
	if (cl->secure) {
		c->secure = secure_begin(cl->secure, c->fd);
		c->state = CONN_SECURING;
		return;
	}
	conn_send(cl, c);
}

static void conn_secure(struct client *cl, struct conn *c)
{
	int rc = secure_handshake(c->secure);

	if (cl->cfg->quickack)
		sock_quickack(c->fd);
	if (rc == 1) {
		c->state = CONN_SENDING;
		conn_send(cl, c);
	} else if (rc == -1 && !errno) {
		conn_fail(cl, c, OUTCOME_EOF, "the server ends the connection before TLS");
	} else if (rc == -1) {
		conn_fail_errno(cl, c);
	}
}

static void conn_receive(struct client *cl, struct conn *c)
{
	ssize_t n = secure_recv(c->secure, c->fd, cl->buf, RPC_READ_SIZE), used;
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
	else
		conn_be_patient(cl, c, at);
}

double conn_seconds_since(int64_t then)
{
	return clock_seconds(clock_now(&clock_monotonic) - then);
}

/* Something on an idle connection: the server has ended it, or speaks out of turn, or it was found
 * dead. */
static void conn_lost(struct client *cl, struct conn *c)
{
	char text[160], byte;
	ssize_t n = secure_recv(c->secure, c->fd, &byte, 1);

	if (n == -1 && errno == EAGAIN)
		return;
	snprintf(text, sizeof(text), "an idle connection: %s",
		 n == -1  ? strerror(errno)
		 : n == 0 ? "the server has closed it"
			  : "the server speaks out of turn");
	tally_error(&cl->tally, text);
	json_array_append_new(cl->idle_lost, json_real(conn_seconds_since(c->idle)));
	conn_close(c);
}

void conn_event(struct client *cl, struct conn *c)
{
	if (c->state == CONN_IDLE)
		conn_lost(cl, c);
	else if (c->state == CONN_CONNECTING)
		conn_connected(cl, c);
	else if (c->state == CONN_SECURING)
		conn_secure(cl, c);
	else if (c->state == CONN_SENDING)
		conn_send(cl, c);
	else if (c->state == CONN_RECEIVING)
		conn_receive(cl, c);
}

void conn_due(struct client *cl, struct conn *c)
{
	char text[64];

	if (cl->stopping) {
		if (c->state == CONN_IDLE)
			conn_finish(cl, c);
		else
			conn_close(c);
		c->state = CONN_OVER;
		return;
	}
	if (c->state == CONN_IDLE) {
		conn_begin(cl, c);
		return;
	}
	snprintf(text, sizeof(text),
		 c->state == CONN_CONNECTING ? "timed out in connect"
		 : c->now.first		     ? "timed out inside the response"
					     : "timed out without a response");
	conn_fail(cl, c, c->state == CONN_CONNECTING ? OUTCOME_CONNECT : OUTCOME_TIMEOUT, text);
}
