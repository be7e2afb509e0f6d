/* rpc_peer.c - each write of a response is a send(2) of its own. */
#include "scenarios/workload/rpc_peer.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void take_field(void *arg, const char *name, const char *value)
{
	struct peer *p = arg;

	p->server->protocol->field(p, name, value);
}

static void take_body(void *arg, const char *data, size_t len)
{
	struct peer *p = arg;

	p->server->protocol->body(p, data, len);
}

static void expect_request(struct peer *p)
{
	p->state = PEER_REQUEST;
	http_begin(&p->http, HTTP_REQUEST, false);
	p->http.body = p->server->protocol->body ? take_body : NULL;
	p->http.field = p->server->protocol->field ? take_field : NULL;
	p->http.arg = p;
}

struct peer *peer_new(struct server *s, int fd)
{
	struct peer *p = xcalloc(1, sizeof(*p));

	p->fd = fd;
	p->server = s;
	p->mine = xcalloc(1, s->protocol->own_size + 1);
	expect_request(p);
	if (!s->secure)
		return p;
	p->secure = secure_begin(s->secure, fd);
	p->state = PEER_SECURING;
	return p;
}

void peer_free(struct peer *p)
{
	free(p->text);
	free(p->mine);
	free(p);
}

void peer_close(struct peer *p)
{
	secure_end(p->secure);
	p->secure = NULL;
	close(p->fd);
	p->fd = -1;
}

void peer_answer(struct peer *p, char *text, uint64_t head, uint64_t len, uint64_t last)
{
	free(p->text);
	p->text = text;
	p->head = text;
	p->body = text + head;
	p->period = UINT64_MAX;
	p->r = (struct rpc_response){.head = head, .body = len - head};
	p->r.write[p->r.n++] = head;
	if (len - head - last)
		p->r.write[p->r.n++] = len - head - last;
	if (last)
		p->r.write[p->r.n++] = last;
}

void peer_repeat(struct peer *p, const struct rpc_response *r, const char *head, const char *body,
		 uint64_t period)
{
	p->r = *r;
	p->head = head;
	p->body = body;
	p->period = period;
}

void peer_reply(struct peer *p, struct http_reply *r, struct http_text *body, size_t last)
{
	struct http_text text = {.v = NULL};
	size_t head;

	r->len = body->len;
	r->close = p->close;
	r->date = (clock_now(&clock_monotonic) + clock_wall_offset()) / NS_PER_S;
	http_text_head(&text, r);
	head = text.len;
	http_text_bytes(&text, body->v, body->len);
	free(body->v);
	peer_answer(p, text.v, head, text.len, last);
}

static void peer_fail(struct peer *p, const char *text)
{
	p->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->server->tally, &p->now, OUTCOME_OTHER, text);
	peer_close(p);
}

static void peer_answered(struct peer *p)
{
	p->now.end = clock_now(&clock_monotonic);
	p->now.ok = true;
	tally_add(&p->server->tally, &p->now);
	if (p->close) {
		peer_close(p);
		return;
	}
	expect_request(p);
}

/* Sends what is left of the write by one send(2): the header first, then body. */
static ssize_t peer_send(struct peer *p)
{
	const struct rpc_response *r = &p->r;
	uint64_t size = p->head_only ? r->head : r->write[p->write], left = size - p->sent;
	uint64_t head = p->now.bytes < r->head ? r->head - p->now.bytes : 0;
	struct iovec iov[2] = {
	    {.iov_base = (char *)p->head + p->sent, .iov_len = head},
	    {.iov_base = (char *)p->body + (head ? 0 : p->now.bytes - r->head) % p->period,
	     .iov_len = left - head < RPC_BODY_SIZE ? left - head : RPC_BODY_SIZE},
	};

	return secure_send_parts(p->secure, p->fd, iov);
}

static void peer_respond(struct peer *p)
{
	while (p->state == PEER_RESPONSE && p->fd != -1) {
		ssize_t n = peer_send(p);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			peer_fail(p, strerror(errno));
		if (n == -1)
			return;
		p->sent += (uint64_t)n;
		p->now.bytes += (uint64_t)n;
		p->server->tally.bytes_out += (uint64_t)n;
		if (p->sent < (p->head_only ? p->r.head : p->r.write[p->write]))
			continue;
		p->sent = 0;
		if (p->head_only || ++p->write == p->r.n)
			peer_answered(p);
	}
}

void peer_begin_response(struct peer *p)
{
	p->state = PEER_RESPONSE;
	p->write = 0;
	p->sent = 0;
	p->now.first = clock_now(&clock_monotonic);
	peer_respond(p);
}

static int64_t draw_service(struct server *s)
{
	int64_t service = s->cfg->service;

	if (s->cfg->service_varies > 0)
		service += (int64_t)((double)service * s->cfg->service_varies *
				     (2 * rng_unit(&s->services) - 1));
	return service;
}

void peer_parse(struct peer *p)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct err e;

	while (p->fd != -1 && p->state == PEER_REQUEST && p->in_start < p->in_end) {
		bool waited = p->http.expect_continue && http_in_body(&p->http);
		ssize_t n = http_feed(&p->http, p->in + p->in_start, p->in_end - p->in_start, &e);

		if (n == -1) {
			peer_fail(p, e.text);
			return;
		}
		p->in_start += (size_t)n;
		if (!http_done(&p->http)) {
			if (!waited && p->http.expect_continue && !p->http.body_bytes)
				(void)secure_send(p->secure, p->fd, go_on, sizeof(go_on) - 1);
			return;
		}
		memset(&p->now, 0, sizeof(p->now));
		p->now.start = clock_now(&clock_monotonic);
		p->head_only = !strcmp(p->http.method, "HEAD");
		p->close = !p->http.keep_alive;
		p->hold = 0;
		p->server->protocol->answer(p->server, p);
		p->state = PEER_SERVICE;
		p->due =
		    processors_take(&p->server->processors, p->now.start, draw_service(p->server)) +
		    p->hold;
		if (p->due <= p->now.start)
			peer_begin_response(p);
	}
}

static void peer_read(struct peer *p)
{
	ssize_t n = secure_recv(p->secure, p->fd, p->in, sizeof(p->in));
	struct err e;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		p->server->tally.bytes_in += (uint64_t)n;
		p->in_start = 0;
		p->in_end = (size_t)n;
		return;
	}
	if (!p->http.started) { /* between exchanges a client may close */
		peer_close(p);
		return;
	}
	p->now.start = clock_now(&clock_monotonic);
	if (n == -1)
		err_set(&e, "%s", strerror(errno));
	else if (!http_end(&p->http, &e))
		BUG("a request that ends with its connection");
	peer_fail(p, e.text);
}

static void peer_secure(struct peer *p)
{
	int rc = secure_handshake(p->secure);

	if (rc == 1)
		p->state = PEER_REQUEST;
	if (rc != -1)
		return;
	p->now.start = clock_now(&clock_monotonic);
	peer_fail(p, errno ? "the client breaks TLS off" : "the client went away before TLS");
}

void peer_event(struct peer *p, short events)
{
	if (p->state == PEER_SECURING)
		peer_secure(p);
	else if (p->state == PEER_REQUEST)
		peer_read(p);
	else if (p->state == PEER_RESPONSE)
		peer_respond(p);
	else if (events & (POLLERR | POLLHUP))
		peer_fail(p, "the client went away while its response was being made");
}
