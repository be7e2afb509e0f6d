/* http_conns.c - evhttp tells neither of a connection's beginning nor of its end: its buffers are
 * made here, and a reference to them is kept until it is seen that evhttp has let them go. */
#include "proxy/api/http_conns.h"

#include "proxy/base/mem.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/queue.h>
#include <sys/socket.h>

/* As Toxiproxy's server has it. */
#define REQUEST_TIME (15 * NS_PER_S) /* from its first byte, or the connection, to its last one */
#define ANSWER_TIME  (30 * NS_PER_S)
#define IDLE_TIME    (60 * NS_PER_S) /* between an answer and the next request */

struct http_conn {
	struct http_conns *owner;
	struct bufferevent *bev;
	struct timer deadline;
	bool idle; /* an answer was taken, and nothing has come since */
	TAILQ_ENTRY(http_conn) entry;
};

struct http_conns {
	struct loop *loop;
	size_t most, n;
	TAILQ_HEAD(, http_conn) list; /* the one that was quiet longest is first */
};

struct http_conns *http_conns_new(struct loop *loop, size_t most)
{
	struct http_conns *cs = xcalloc(1, sizeof(*cs));

	cs->loop = loop;
	cs->most = most;
	TAILQ_INIT(&cs->list);
	return cs;
}

static void forget_conn(struct http_conn *c)
{
	timer_cancel(loop_timers(c->owner->loop), &c->deadline);
	TAILQ_REMOVE(&c->owner->list, c, entry);
	c->owner->n--;
	bufferevent_decref(c->bev);
	free(c);
}

void http_conns_free(struct http_conns *cs)
{
	if (!cs)
		return;
	while (!TAILQ_EMPTY(&cs->list))
		forget_conn(TAILQ_FIRST(&cs->list));
	free(cs);
}

static void set_deadline(struct http_conn *c, int64_t time)
{
	struct loop *loop = c->owner->loop;

	if (time == INT64_MAX)
		timer_cancel(loop_timers(loop), &c->deadline);
	else
		timer_arm(loop_timers(loop), &c->deadline, clock_now(loop_clock(loop)) + time);
	TAILQ_REMOVE(&c->owner->list, c, entry);
	TAILQ_INSERT_TAIL(&c->owner->list, c, entry);
}

/* evhttp's callbacks are the buffers' as long as the connection lives; afterwards the descriptor
 * may be another's. */
static bool is_alive(const struct http_conn *c)
{
	bufferevent_data_cb read_cb, write_cb;
	bufferevent_event_cb event_cb;
	void *arg;

	bufferevent_getcb(c->bev, &read_cb, &write_cb, &event_cb, &arg);
	return event_cb != NULL;
}

/* The server reads the end, and closes. */
static void end_conn(struct http_conn *c)
{
	if (is_alive(c))
		shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
	else
		forget_conn(c);
}

static void deadline_cb(void *arg, int64_t now)
{
	(void)now;
	end_conn(arg);
}

static void forget_dead(struct http_conns *cs)
{
	struct http_conn *c, *next;

	for (c = TAILQ_FIRST(&cs->list); c; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (!is_alive(c))
			forget_conn(c);
	}
}

static void input_cb(struct evbuffer *buf, const struct evbuffer_cb_info *info, void *arg)
{
	struct http_conn *c = arg;

	(void)buf;
	if (!c->idle || !info->n_added)
		return;
	c->idle = false;
	set_deadline(c, REQUEST_TIME);
}

struct bufferevent *http_conns_bev_cb(struct event_base *base, void *arg)
{
	struct http_conns *cs = arg;
	struct http_conn *c = xcalloc(1, sizeof(*c));

	forget_dead(cs);
	if (cs->n >= cs->most)
		end_conn(TAILQ_FIRST(&cs->list));
	c->owner = cs;
	c->deadline.fn = deadline_cb;
	c->deadline.arg = c;
	c->bev = bufferevent_socket_new(base, -1, 0); /* evhttp closes its descriptor */
	BUG_ON(!c->bev || !evbuffer_add_cb(bufferevent_get_input(c->bev), input_cb, c));
	TAILQ_INSERT_TAIL(&cs->list, c, entry);
	cs->n++;
	bufferevent_incref(c->bev);
	set_deadline(c, REQUEST_TIME);
	return c->bev;
}

static struct http_conn *find_conn(struct http_conns *cs, const struct bufferevent *bev)
{
	struct http_conn *c;

	TAILQ_FOREACH (c, &cs->list, entry)
		if (c->bev == bev)
			return c;
	return NULL;
}

static void set_found(struct http_conns *cs, const struct bufferevent *bev, int64_t time, bool idle)
{
	struct http_conn *c = find_conn(cs, bev);

	if (!c)
		return;
	c->idle = idle;
	set_deadline(c, time);
}

void http_conns_requested(struct http_conns *cs, struct bufferevent *bev)
{
	set_found(cs, bev, ANSWER_TIME, false);
}

void http_conns_answers(struct http_conns *cs, struct bufferevent *bev, size_t bytes)
{
	set_found(cs, bev, ANSWER_TIME + (int64_t)(bytes >> 20) * NS_PER_S, false);
}

void http_conns_answered(struct http_conns *cs, struct bufferevent *bev)
{
	set_found(cs, bev, IDLE_TIME, true);
}

void http_conns_streams(struct http_conns *cs, struct bufferevent *bev)
{
	set_found(cs, bev, INT64_MAX, false);
}
