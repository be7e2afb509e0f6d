/* origin_server.c - one request of a connection at a time: the next one isn't looked at before the
 * answer is sent. */
#include "scenarios/workload/origin_server.h"

#include "proxy/base/clock.h"
#include "scenarios/workload/origin_answer.h"
#include "scenarios/workload/origin_requests.h"
#include "scenarios/workload/serving.h"
#include "scenarios/workload/sock.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#define LINGER (2 * NS_PER_S)

enum origin_state {
	ORIGIN_READING,	  /* a request */
	ORIGIN_SERVICE,	  /* the answer is due later */
	ORIGIN_ANSWERING, /* it is being written */
	ORIGIN_LINGERING, /* our FIN is sent, and the client's awaited: a close would be a RST,
			   * which takes the answer away, where more comes (RFC 9112 9.6) */
};

struct origin_peer {
	struct serving_peer peer;
	enum origin_state state;
	uint64_t number; /* of the connection, from 1 */
	struct http_parser http;
	unsigned hosts;			/* Host fields of the request */
	struct origin_request *request; /* NULL: its header isn't whole */
	struct origin_answer answer;
	uint64_t sent_before;	   /* bytes, before the answer */
	struct tally_exchange now; /* start 0: there is none */
};

static const struct origin_server_cfg *cfg_of(const struct origin_peer *o)
{
	return o->peer.serving->task->cfg;
}

static void count_host(void *arg, const char *name, const char *value)
{
	struct origin_peer *o = arg;

	(void)value;
	o->hosts += !strcasecmp(name, "Host");
}

static void expect_request(struct origin_peer *o)
{
	o->state = ORIGIN_READING;
	o->peer.talk.hold = false;
	o->hosts = 0;
	o->request = NULL;
	o->now = (struct tally_exchange){.start = 0};
	http_begin(&o->http, HTTP_REQUEST, false);
	o->http.field = count_host;
	o->http.arg = o;
}

static void begin_peer(struct serving_peer *p)
{
	struct origin_peer *o = (struct origin_peer *)p;

	o->number = p->serving->tally.connections;
	sock_set_int(p->talk.fd, IPPROTO_TCP, TCP_NODELAY, cfg_of(o)->nodelay);
	expect_request(o);
}

static int64_t wall_seconds(void)
{
	return (clock_now(&clock_monotonic) + clock_wall_offset()) / NS_PER_S;
}

/* The answer is chosen: it leaves as fast as the client takes it. */
static void begin_writing(struct origin_peer *o)
{
	o->state = ORIGIN_ANSWERING;
	o->peer.talk.hold = o->peer.more = true;
}

static void begin_answer(struct origin_peer *o)
{
	o->peer.due = INT64_MAX;
	o->now.first = clock_now(&clock_monotonic);
	o->sent_before = o->peer.talk.bytes_out;
	origin_answer_begin(&o->answer, cfg_of(o), o->peer.serving->task->seed, &o->http,
			    wall_seconds());
	begin_writing(o);
}

/* The request is whole. */
static void begin_service(struct origin_peer *o)
{
	o->now = (struct tally_exchange){.start = clock_now(&clock_monotonic)};
	if (!cfg_of(o)->service) {
		begin_answer(o);
		return;
	}
	o->state = ORIGIN_SERVICE;
	o->peer.talk.hold = true;
	o->peer.due = o->now.start + cfg_of(o)->service;
}

static void fail_exchange(struct origin_peer *o, const char *text)
{
	o->now.end = clock_now(&clock_monotonic);
	if (!o->now.start)
		o->now.start = o->now.end;
	tally_fail(&o->peer.serving->tally, &o->now, OUTCOME_OTHER, text);
	o->now.start = 0;
}

static void refuse_request(struct origin_peer *o, const char *text)
{
	fail_exchange(o, text);
	talk_take(&o->peer.talk, o->peer.talk.nin);
	origin_answer_refuse(&o->answer, wall_seconds());
	begin_writing(o);
}

/* The header is whole. Returns whether the request is one (RFC 9112 3.2). */
static bool take_head(struct origin_peer *o)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct origin_requests *requests = o->peer.serving->own;
	const struct http_parser *h = &o->http;

	o->request = origin_requests_add(requests, h, o->number);
	if (o->hosts > 1 || (!o->hosts && h->minor))
		return false;
	if (cfg_of(o)->go_on && h->minor && h->expect_continue && http_in_body(h) && !h->body_bytes)
		talk_write(&o->peer.talk, go_on, sizeof(go_on) - 1);
	return true;
}

/* Takes bytes of a request, up to its end. */
static void take_bytes(struct origin_peer *o)
{
	struct talk *t = &o->peer.talk;
	struct err e;
	ssize_t n = http_feed(&o->http, t->in, t->nin, &e);
	bool fine = n != -1;

	if (!o->request && http_has_head(&o->http) && !take_head(o) && fine) {
		fine = false;
		err_set(&e, "a request has %u Host fields", o->hosts);
	}
	if (o->request) {
		o->request->body = o->http.body_bytes;
		o->request->whole = http_done(&o->http);
	}
	if (!fine) {
		refuse_request(o, e.text);
		return;
	}
	talk_take(t, (size_t)n);
	if (http_done(&o->http))
		begin_service(o);
}

static void read_requests(struct serving_peer *p)
{
	struct origin_peer *o = (struct origin_peer *)p;

	while (o->state == ORIGIN_READING && p->talk.nin)
		take_bytes(o);
	if (o->state == ORIGIN_LINGERING)
		talk_take(&p->talk, p->talk.nin);
}

/* Answers are over, and so is our side of the connection. */
static void begin_linger(struct origin_peer *o)
{
	struct talk *t = &o->peer.talk;

	o->state = ORIGIN_LINGERING;
	talk_take(t, t->nin);
	t->hold = false;
	(void)shutdown(t->fd, SHUT_WR);
	o->peer.due = clock_now(&clock_monotonic) + LINGER;
}

static void end_answer(struct origin_peer *o)
{
	struct serving_peer *p = &o->peer;

	p->more = false;
	if (o->now.start) {
		o->now.end = clock_now(&clock_monotonic);
		o->now.bytes = p->talk.bytes_out - o->sent_before;
		o->now.ok = true;
		tally_add(&p->serving->tally, &o->now);
		o->now.start = 0;
	}
	if (o->answer.head.close) {
		begin_linger(o);
		return;
	}
	expect_request(o);
	read_requests(p);
}

static void write_piece(struct serving_peer *p)
{
	struct origin_peer *o = (struct origin_peer *)p;
	struct http_text piece = {.v = NULL};

	if (o->answer.over) {
		end_answer(o);
		return;
	}
	origin_answer_write(&o->answer, &piece);
	talk_write(&p->talk, piece.v, piece.len);
	free(piece.v);
}

static void take_due(struct serving_peer *p, int64_t now)
{
	struct origin_peer *o = (struct origin_peer *)p;

	(void)now;
	if (o->state == ORIGIN_SERVICE)
		begin_answer(o);
	else
		p->over = true;
}

/* Nothing is read, and so no end seen, while there is something to answer. */
static void take_eof(struct serving_peer *p)
{
	p->over = true;
}

static void end_peer(struct serving_peer *p)
{
	struct origin_peer *o = (struct origin_peer *)p;

	if (o->now.start) {
		o->now.bytes = o->now.first ? p->talk.bytes_out - o->sent_before : 0;
		fail_exchange(o, "the client went away before its answer was sent");
	} else if (o->state == ORIGIN_READING && o->http.started) {
		fail_exchange(o, "the client went away inside its request");
	}
}

static json_t *tell_requests(struct serving *s)
{
	return origin_requests_result(s->own);
}

int origin_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct origin_peer),
	    .own_size = sizeof(struct origin_requests),
	    .begin = begin_peer,
	    .read = read_requests,
	    .due = take_due,
	    .write = write_piece,
	    .eof = take_eof,
	    .end = end_peer,
	    .result = tell_requests,
	};

	return serving_run(task, &protocol);
}
