/* rpc_server.c - one poll loop over all connections; each write of a response is a send(2) of its
 * own. Nagle stays on unless the parameter says otherwise. */
#include "scenarios/workload/rpc_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/http.h"
#include "scenarios/workload/processors.h"
#include "scenarios/workload/rpc_content.h"
#include "scenarios/workload/rpc_params.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/tally.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_SIZE	     (16u << 10)
#define BODY_SIZE    (256u << 10) /* a write of more bytes is given to the kernel in such pieces */
#define PATTERN	     "abcdefghijklmnopqrstuvwxyz0123456789\n"
#define PATTERN_SIZE (sizeof(PATTERN) - 1)
#define ACCEPT_PAUSE (100 * NS_PER_MS) /* when no descriptor was left */

enum peer_state { PEER_REQUEST, PEER_SERVICE, PEER_RESPONSE };

struct peer {
	enum peer_state state;
	int fd;
	int64_t due;		      /* service: when the response begins */
	size_t write;		      /* response: which write */
	uint64_t sent;		      /* bytes of that write */
	bool head_only;		      /* the answer to HEAD: no body */
	bool close;		      /* the connection ends behind the response */
	const struct rpc_response *r; /* the usual one, or own */
	struct rpc_response own;      /* of a list of records */
	struct records list;	      /* these records */
	char *head;		      /* r->head bytes */
	char *own_head;
	struct tally_exchange now;
	struct http_parser http;
	char in[IN_SIZE]; /* pipelined requests wait here */
	size_t in_start, in_end;
};

struct server {
	const struct rpc_server_cfg *cfg;
	struct rpc_response response;
	struct processors processors;
	struct tally tally;
	int msg_fd, listen_fd;
	int64_t accept_due; /* 0, or when accepting goes on */
	struct peer **peers;
	size_t npeers, room;
	char *head, *head_close, *body;
	struct records records; /* what is common to all lists: no record is in it */
	EVP_MD_CTX *sha;	/* NULL: no digests */
	struct pollfd *fds;
	bool killed; /* by the runner: its kernel ends the connections */
};

/* Closes the connection; server_sweep empties the slot. */
static void peer_close(struct peer *p)
{
	close(p->fd);
	p->fd = -1;
	free(p->own_head);
	p->own_head = NULL;
	records_free(&p->list);
	p->list = (struct records){.seed = 0};
}

static void peer_fail(struct server *s, struct peer *p, const char *text)
{
	p->now.end = clock_now(&clock_monotonic);
	tally_fail(&s->tally, &p->now, OUTCOME_OTHER, text);
	peer_close(p);
}

static void peer_answered(struct server *s, struct peer *p)
{
	p->now.end = clock_now(&clock_monotonic);
	p->now.ok = true;
	tally_add(&s->tally, &p->now);
	if (p->close) {
		peer_close(p);
		return;
	}
	p->state = PEER_REQUEST;
	http_begin(&p->http, HTTP_REQUEST, false);
}

/* Returns body bytes from offset at; the rest of the write or BODY_SIZE of them follow. */
static const char *body_at(const struct server *s, const struct peer *p, uint64_t at)
{
	uint64_t records = p->own.write[1]; /* the tail is a write of its own */

	if (p->r != &p->own)
		return s->body + at % PATTERN_SIZE;
	return at < records ? p->list.text + at : records_tail(&p->list) + (at - records);
}

/* Sends what is left of the write by one send(2): the header first, then body. */
static ssize_t peer_send(struct server *s, struct peer *p)
{
	const struct rpc_response *r = p->r;
	uint64_t size = p->head_only ? r->head : r->write[p->write], left = size - p->sent;
	uint64_t head = p->now.bytes < r->head ? r->head - p->now.bytes : 0;
	struct iovec iov[2] = {
	    {.iov_base = p->head + p->sent, .iov_len = head},
	    {.iov_base = (char *)body_at(s, p, head ? 0 : p->now.bytes - r->head),
	     .iov_len = left - head < BODY_SIZE ? left - head : BODY_SIZE},
	};
	struct msghdr m = {.msg_iov = head ? iov : iov + 1, .msg_iovlen = head ? 2 : 1};

	return sendmsg(p->fd, &m, MSG_NOSIGNAL);
}

static void peer_respond(struct server *s, struct peer *p)
{
	while (p->state == PEER_RESPONSE && p->fd != -1) {
		ssize_t n = peer_send(s, p);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			peer_fail(s, p, strerror(errno));
		if (n == -1)
			return;
		p->sent += (uint64_t)n;
		p->now.bytes += (uint64_t)n;
		s->tally.bytes_out += (uint64_t)n;
		if (p->sent < (p->head_only ? p->r->head : p->r->write[p->write]))
			continue;
		p->sent = 0;
		if (p->head_only || ++p->write == p->r->n)
			peer_answered(s, p);
	}
}

/* Computes the digest of the usual body: len bytes that repeat every period bytes. */
static const char *body_digest(struct server *s, const char *body, uint64_t len, uint64_t period,
			       char *out)
{
	uint64_t at = 0;

	if (!s->sha)
		return NULL;
	BUG_ON(!EVP_DigestInit_ex(s->sha, EVP_sha256(), NULL));
	while (at < len) {
		uint64_t n = len - at > period ? period : len - at;

		BUG_ON(!EVP_DigestUpdate(s->sha, body, (size_t)n));
		at += n;
	}
	content_digest(s->sha, out);
	return out;
}

/* Makes the list of n records the peer's response: header, records, and their tail, if they have
 * one, in a write each. A folder, which the target names, has its own records. */
static void peer_take_list(struct server *s, struct peer *p, size_t n, size_t folder_length)
{
	char *folder = xasprintf("%.*s", (int)folder_length, p->http.target);
	uint64_t head = s->response.head, body, tail;
	char digest[HTTP_DIGEST_TEXT];

	records_free(&p->list);
	p->list = s->records;
	p->list.seed = rng_part_seed(s->records.seed, folder);
	free(folder);
	body = records_make(&p->list, n);
	tail = strlen(records_tail(&p->list));
	if (s->sha)
		records_digest(&p->list, n, s->sha, digest);
	p->own = (struct rpc_response){
	    .write = {head, body, tail}, .n = tail ? 3 : 2, .head = head, .body = body + tail};
	p->r = &p->own;
	p->own_head = xrealloc(p->own_head, 1, head);
	http_response_head(p->own_head, head,
			   &(struct http_answer){.multistatus = s->records.multistatus,
						 .chunked = s->records.chunked,
						 .length = body + tail,
						 .close = p->close,
						 .digest = s->sha ? digest : NULL});
	p->head = p->own_head;
	p->now.records = p->now.asked = n;
}

/* Chooses the response: a list when the request's target names one, else the usual one. */
static void peer_choose_response(struct server *s, struct peer *p)
{
	const char *query = strstr(p->http.target, RECORDS_QUERY);
	unsigned long n = query ? strtoul(query + strlen(RECORDS_QUERY), NULL, 10) : 0;

	if (n && n <= RECORDS_MAX) {
		peer_take_list(s, p, n, (size_t)(query - p->http.target));
		return;
	}
	p->r = &s->response;
	p->head = p->close ? s->head_close : s->head;
}

static void peer_begin_response(struct server *s, struct peer *p)
{
	p->state = PEER_RESPONSE;
	p->write = 0;
	p->sent = 0;
	p->now.first = clock_now(&clock_monotonic);
	peer_respond(s, p);
}

/* Takes the requests that have been read, until one waits for service or room to be sent. */
static void peer_parse(struct server *s, struct peer *p)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct err e;

	while (p->fd != -1 && p->state == PEER_REQUEST && p->in_start < p->in_end) {
		bool waited = p->http.expect_continue && http_in_body(&p->http);
		ssize_t n = http_feed(&p->http, p->in + p->in_start, p->in_end - p->in_start, &e);

		if (n == -1) {
			peer_fail(s, p, e.text);
			return;
		}
		p->in_start += (size_t)n;
		if (!http_done(&p->http)) {
			if (!waited && p->http.expect_continue && !p->http.body_bytes)
				(void)send(p->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL);
			return;
		}
		memset(&p->now, 0, sizeof(p->now));
		p->now.start = clock_now(&clock_monotonic);
		p->head_only = !strcmp(p->http.method, "HEAD");
		p->close = !p->http.keep_alive;
		peer_choose_response(s, p);
		p->state = PEER_SERVICE;
		p->due = processors_take(&s->processors, p->now.start, s->cfg->service);
		if (!s->cfg->service)
			peer_begin_response(s, p);
	}
}

static void peer_read(struct server *s, struct peer *p)
{
	ssize_t n = recv(p->fd, p->in, sizeof(p->in), 0);
	struct err e;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		s->tally.bytes_in += (uint64_t)n;
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
	peer_fail(s, p, e.text);
}

static void peer_event(struct server *s, struct peer *p, short events)
{
	if (p->state == PEER_REQUEST)
		peer_read(s, p);
	else if (p->state == PEER_RESPONSE)
		peer_respond(s, p);
	else if (events & (POLLERR | POLLHUP))
		peer_fail(s, p, "the client went away while its response was being made");
}

static void server_accept(struct server *s)
{
	int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *p;

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			s->accept_due = clock_now(&clock_monotonic) + ACCEPT_PAUSE;
		return;
	}
	if (s->cfg->nodelay)
		sock_nodelay(fd);
	if (s->npeers == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->peers = xrealloc(s->peers, s->room, sizeof(struct peer *));
		s->fds = xrealloc(s->fds, s->room + 2, sizeof(*s->fds));
	}
	p = xcalloc(1, sizeof(*p));
	p->fd = fd;
	http_begin(&p->http, HTTP_REQUEST, false);
	s->peers[s->npeers++] = p;
	s->tally.connections++;
}

/* Frees the peers whose connection has ended. */
static void server_sweep(struct server *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i]->fd == -1)
			free(s->peers[i]);
		else
			s->peers[kept++] = s->peers[i];
	}
	s->npeers = kept;
}

/* Waits once; the first two descriptors are the runner's and the listener's. */
static void server_wait(struct server *s)
{
	int64_t due = s->accept_due ? s->accept_due : INT64_MAX;

	s->fds[0] = (struct pollfd){.fd = s->msg_fd, .events = POLLIN};
	s->fds[1] = (struct pollfd){.fd = s->accept_due ? -1 : s->listen_fd, .events = POLLIN};
	for (size_t i = 0; i < s->npeers; i++) {
		const struct peer *p = s->peers[i];
		short events = 0;

		if (p->state == PEER_REQUEST)
			events = POLLIN;
		else if (p->state == PEER_RESPONSE)
			events = POLLOUT;
		s->fds[2 + i] = (struct pollfd){.fd = p->fd, .events = events};
		if (p->state == PEER_SERVICE && p->due < due)
			due = p->due;
	}
	sock_poll_until(s->fds, s->npeers + 2, due);
}

/* Waits once and handles the events. -1: the runner is gone; 0: stop; 1: go on. */
static int server_turn(struct server *s)
{
	size_t polled = s->npeers;
	bool knock;
	int64_t now;

	server_wait(s);
	knock = s->fds[1].revents;
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < polled; i++) {
		struct peer *p = s->peers[i];

		if (p->state == PEER_SERVICE && p->due <= now)
			peer_begin_response(s, p);
		if (p->fd != -1 && s->fds[2 + i].revents)
			peer_event(s, p, s->fds[2 + i].revents);
		peer_parse(s, p);
	}
	if (s->fds[0].revents) {
		enum runner_word word = runner_obey(s->msg_fd, NULL);

		s->killed = word == RUNNER_KILL;
		if (word == RUNNER_GONE)
			return -1;
		if (word == RUNNER_STOP || word == RUNNER_KILL)
			return 0;
	}
	server_sweep(s);
	if (s->accept_due <= now)
		s->accept_due = 0;
	if (knock)
		server_accept(s);
	return tally_progress(&s->tally, now) ? -1 : 1;
}

static void server_init(struct server *s)
{
	struct http_answer answer = {.length = s->response.body};
	char text[HTTP_DIGEST_TEXT];

	sock_prepare();
	processors_init(&s->processors, s->cfg->processors);
	s->sha = s->cfg->digest ? EVP_MD_CTX_new() : NULL;
	BUG_ON(rpc_record_parse(s->cfg->record, &s->records.low, &s->records.high, NULL));
	s->records.multistatus = s->cfg->list_status == RPC_LIST_207;
	s->records.chunked = s->cfg->list_encoding == RPC_LIST_CHUNKED;
	s->fds = xcalloc(2, sizeof(*s->fds));
	s->body = xcalloc(1, BODY_SIZE + PATTERN_SIZE);
	for (size_t i = 0; i < BODY_SIZE + PATTERN_SIZE; i++)
		s->body[i] = PATTERN[i % PATTERN_SIZE];
	s->head = xcalloc(1, s->response.head);
	s->head_close = xcalloc(1, s->response.head);
	answer.digest = body_digest(s, s->body, s->response.body,
				    BODY_SIZE / PATTERN_SIZE * PATTERN_SIZE, text);
	http_response_head(s->head, s->response.head, &answer);
	answer.close = true;
	http_response_head(s->head_close, s->response.head, &answer);
}

static void server_fini(struct server *s)
{
	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i]->fd != -1)
			peer_close(s->peers[i]);
		free(s->peers[i]);
	}
	close(s->listen_fd);
	processors_fini(&s->processors);
	tally_fini(&s->tally);
	EVP_MD_CTX_free(s->sha);
	free(s->peers);
	free(s->fds);
	free(s->body);
	free(s->head);
	free(s->head_close);
}

int rpc_server(const struct workload_task *task)
{
	struct server s = {.cfg = task->cfg,
			   .msg_fd = task->msg_fd,
			   .tally.msg_fd = task->msg_fd,
			   .records.seed = task->seed};
	struct addr address = task->address;
	struct err e;
	int rc = 1;

	s.listen_fd = -1;
	if (!rpc_response_parse(s.cfg->response, &s.response, &e))
		s.listen_fd = sock_listen(&address, &e);
	if (s.listen_fd == -1)
		return runner_error(s.msg_fd, e.text);
	server_init(&s);
	if (msg_send(s.msg_fd, "ready", "s:i", "port", addr_port(&address)))
		rc = -1;
	while (rc == 1)
		rc = server_turn(&s);
	if (rc == 0)
		rc = tally_send(&s.tally, NULL);
	if (s.killed)
		raise(SIGKILL);
	server_fini(&s);
	return rc == 0 ? 0 : 1;
}
