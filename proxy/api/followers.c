/* followers.c - a follower that doesn't read gets no more lines until it has read, and is told how
 * many are lacking. */
#include "proxy/api/followers.h"

#include "proxy/base/mem.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <inttypes.h>
#include <sys/queue.h>

#define FOLLOWERS_MAX 16
#define QUEUE_MAX     (256u << 10) /* bytes that wait for one follower */

struct follower {
	struct followers *owner;
	struct evhttp_request *request;
	struct evhttp_connection *conn;
	uint64_t lost; /* lines, since the last one that it got */
	TAILQ_ENTRY(follower) entry;
};

struct followers {
	void (*changed)(void *arg, bool any);
	void *arg;
	size_t n;
	TAILQ_HEAD(, follower) list;
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
	send_event(f, "data: %.*s\n\n", (int)len, line);
}

void followers_send(struct followers *all, const char *line, size_t len)
{
	struct follower *f;

	TAILQ_FOREACH (f, &all->list, entry)
		send_line(f, line, len);
}

void followers_lose(struct followers *all, uint64_t lines)
{
	struct follower *f;

	TAILQ_FOREACH (f, &all->list, entry)
		f->lost += lines;
}

static void tell_change(const struct followers *all)
{
	if (all->changed)
		all->changed(all->arg, all->n);
}

static void forget_follower(struct follower *f)
{
	struct followers *all = f->owner;

	TAILQ_REMOVE(&all->list, f, entry);
	free(f);
	if (--all->n == 0)
		tell_change(all);
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

struct followers *followers_new(void (*changed)(void *arg, bool any), void *arg)
{
	struct followers *all = xcalloc(1, sizeof(*all));

	all->changed = changed;
	all->arg = arg;
	TAILQ_INIT(&all->list);
	return all;
}

void followers_free(struct followers *all)
{
	struct follower *f;

	if (!all)
		return;
	while ((f = TAILQ_FIRST(&all->list))) {
		evhttp_connection_set_closecb(f->conn, NULL, NULL);
		forget_follower(f);
	}
	free(all);
}

bool followers_add(struct followers *all, struct evhttp_request *in)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(in);
	struct follower *f;

	if (all->n >= FOLLOWERS_MAX)
		return false;
	f = xcalloc(1, sizeof(*f));
	f->owner = all;
	f->request = in;
	f->conn = evhttp_request_get_connection(in);
	TAILQ_INSERT_TAIL(&all->list, f, entry);
	if (all->n++ == 0)
		tell_change(all);
	evhttp_connection_set_closecb(f->conn, closed_cb, f);
	evhttp_add_header(headers, "Content-Type", "text/event-stream");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply_start(in, 200, "OK");
	send_event(f, ": %.*s\n\n", (int)sizeof("the journal") - 1, "the journal");
	return true;
}
