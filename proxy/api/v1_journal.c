/* v1_journal.c - a follower that doesn't read gets no more lines until it has read, and is told how
 * many are lacking. */
#include "proxy/api/v1_journal.h"

#include "proxy/base/mem.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <inttypes.h>
#include <sys/queue.h>

#define FOLLOWERS_MAX 16
#define QUEUE_MAX     (256u << 10) /* bytes that wait for one follower */

struct follower {
	struct v1_journal *owner;
	struct evhttp_request *request;
	struct evhttp_connection *conn;
	uint64_t lost; /* lines, since the last one that it got */
	TAILQ_ENTRY(follower) entry;
};

struct v1_journal {
	struct journal *journal;
	size_t n;
	TAILQ_HEAD(, follower) followers;
};

static void send_event(struct follower *f, const char *fmt, int len, const char *line)
{
	struct evbuffer *chunk = evbuffer_new();

	BUG_ON(!chunk);
	evbuffer_add_printf(chunk, fmt, len, line);
	evhttp_send_reply_chunk(f->request, chunk);
	evbuffer_free(chunk);
}

static void send_line(struct follower *f, const char *line, size_t len)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(f->conn);

	if (evbuffer_get_length(bufferevent_get_output(bev)) > QUEUE_MAX) {
		f->lost++;
		return;
	}
	if (f->lost) {
		char text[64];
		int n = snprintf(text, sizeof(text), "{\"lines\":%" PRIu64 "}", f->lost);

		send_event(f, "event: lost\ndata: %.*s\n\n", n, text);
		f->lost = 0;
	}
	send_event(f, "data: %.*s\n\n", (int)len - 1, line); /* without its newline */
}

static void tap_cb(void *arg, const char *line, size_t len)
{
	struct v1_journal *v = arg;
	struct follower *f;

	TAILQ_FOREACH (f, &v->followers, entry)
		send_line(f, line, len);
}

static void forget_follower(struct follower *f)
{
	struct v1_journal *v = f->owner;

	TAILQ_REMOVE(&v->followers, f, entry);
	v->n--;
	if (!v->n)
		journal_tap(v->journal, NULL, NULL);
	free(f);
}

/* A request whose connection has broken while its answer lasted is left to us. */
static void closed_cb(struct evhttp_connection *conn, void *arg)
{
	struct follower *f = arg;
	struct evhttp_request *request = f->request;

	(void)conn;
	forget_follower(f);
	if (!evhttp_request_get_connection(request))
		evhttp_request_free(request);
}

struct v1_journal *v1_journal_new(struct journal *j)
{
	struct v1_journal *v = xcalloc(1, sizeof(*v));

	v->journal = j;
	TAILQ_INIT(&v->followers);
	return v;
}

void v1_journal_free(struct v1_journal *v)
{
	struct follower *f;

	if (!v)
		return;
	while ((f = TAILQ_FIRST(&v->followers))) {
		evhttp_connection_set_closecb(f->conn, NULL, NULL);
		forget_follower(f);
	}
	free(v);
}

bool v1_journal_follow(struct v1_journal *v, struct evhttp_request *in)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(in);
	struct follower *f;

	if (v->n >= FOLLOWERS_MAX || !v->journal)
		return false;
	f = xcalloc(1, sizeof(*f));
	f->owner = v;
	f->request = in;
	f->conn = evhttp_request_get_connection(in);
	if (v->n++ == 0)
		journal_tap(v->journal, tap_cb, v);
	TAILQ_INSERT_TAIL(&v->followers, f, entry);
	evhttp_connection_set_closecb(f->conn, closed_cb, f);
	evhttp_add_header(headers, "Content-Type", "text/event-stream");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply_start(in, 200, "OK");
	send_event(f, ": %.*s\n\n", (int)sizeof("the journal") - 1, "the journal");
	return true;
}
