/* remote_connector.c - requests wait in a queue while the helper's socket takes none. */
#include "proxy/exec/remote_connector.h"

#include "proxy/base/mem.h"
#include "proxy/base/sock.h"
#include "proxy/base/sockopt.h"
#include "proxy/exec/helper.h"
#include "proxy/exec/process.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* A request that is sent as soon as the socket takes it: this process never blocks, so the helper
 * may. */
struct letter {
	struct helper_request request;
	STAILQ_ENTRY(letter) entry;
};

struct way {
	struct connector connector;
	struct remote_connector *remote;
	struct remote_way how;
	SLIST_ENTRY(way) entry;
};

struct remote_connector {
	SLIST_HEAD(, way) ways;
	struct loop *loop;
	int fd;
	struct event *readable, *writable;
	uint32_t last_id;
	TAILQ_HEAD(, connect_request) requests;
	STAILQ_HEAD(, letter) letters;
	void (*lost)(void *arg);
	void *arg;
};

static void send_letters(struct remote_connector *r)
{
	struct letter *l;

	while ((l = STAILQ_FIRST(&r->letters))) {
		if (process_send(r->fd, &l->request, sizeof(l->request), NULL, 0) == -1)
			break;
		STAILQ_REMOVE_HEAD(&r->letters, entry);
		free(l);
	}
	if (l && errno == EAGAIN)
		event_add(r->writable, NULL);
}

static void post_request(struct remote_connector *r, const struct helper_request *rq)
{
	struct letter *l = xcalloc(1, sizeof(*l));

	l->request = *rq;
	STAILQ_INSERT_TAIL(&r->letters, l, entry);
	send_letters(r);
}

static void start_request(struct remote_connector *r, struct connect_request *rq,
			  enum helper_what what, const struct remote_way *how)
{
	if (!++r->last_id)
		r->last_id++;
	rq->id = r->last_id;
	TAILQ_INSERT_TAIL(&r->requests, rq, entry);
	post_request(r, &(struct helper_request){.what = what,
						 .id = rq->id,
						 .rcvbuf = rq->rcvbuf,
						 .interface = how->interface,
						 .source = how->source,
						 .tell_local = rq->began != NULL,
						 .addr = rq->to});
}

static void remote_start(struct connector *c, struct connect_request *rq)
{
	const struct way *way = container_of(c, struct way, connector);

	start_request(way->remote, rq, HELPER_TCP, &way->how);
}

void remote_connector_start_udp(struct remote_connector *r, struct connect_request *rq)
{
	start_request(r, rq, HELPER_UDP, &(struct remote_way){.interface = 0});
}

static void remote_cancel(struct connector *c, struct connect_request *rq)
{
	struct remote_connector *r = container_of(c, struct way, connector)->remote;
	struct helper_request cancel = {.what = HELPER_CANCEL, .id = rq->id};

	TAILQ_REMOVE(&r->requests, rq, entry);
	rq->id = 0;
	post_request(r, &cancel);
}

static struct connect_request *find_request(struct remote_connector *r, uint32_t id)
{
	struct connect_request *rq;

	TAILQ_FOREACH (rq, &r->requests, entry)
		if (rq->id == id)
			return rq;
	return NULL;
}

/* The request isn't over. */
static bool take_begun(struct remote_connector *r, struct connect_request *rq)
{
	struct helper_answer a;

	if (recv(r->fd, &a, sizeof(a), MSG_DONTWAIT) != (ssize_t)sizeof(a))
		return false;
	if (rq)
		rq->began(rq->arg, &a.local);
	return true;
}

static void close_spare(struct connect_request *rq)
{
	if (!rq || !rq->spare || *rq->spare == -1)
		return;
	close(*rq->spare);
	*rq->spare = -1;
}

/* Takes one answer; false when there is none now. */
static bool take_answer(struct remote_connector *r)
{
	struct connect_request *rq;
	struct helper_answer a;
	ssize_t n;
	int fd;

	/* Find the request before its descriptor needs a place, which the spare one keeps. */
	n = recv(r->fd, &a, sizeof(a), MSG_PEEK | MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	rq = n == (ssize_t)sizeof(a) ? find_request(r, a.id) : NULL;
	if (n == (ssize_t)sizeof(a) && a.begun)
		return take_begun(r, rq);
	close_spare(rq);
	n = n > 0 ? process_recv(r->fd, &a, sizeof(a), &fd, 1, MSG_DONTWAIT) : n;
	if (n != (ssize_t)sizeof(a)) {
		event_del(r->readable);
		r->lost(r->arg);
		return false;
	}
	if (!rq) {
		if (fd != -1)
			sock_close_reset(fd);
		return true;
	}
	TAILQ_REMOVE(&r->requests, rq, entry);
	rq->id = 0;
	if (fd == -1 && !a.error)
		a.error = EMFILE;
	rq->done(rq->arg, fd, a.error);
	return true;
}

static void readable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < 64 && take_answer(arg); i++)
		;
}

static void writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_letters(arg);
}

struct remote_connector *remote_connector_new(struct loop *loop, int fd, void (*lost)(void *arg),
					      void *arg, struct err *e)
{
	struct remote_connector *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->fd = fd;
	r->lost = lost;
	r->arg = arg;
	SLIST_INIT(&r->ways);
	TAILQ_INIT(&r->requests);
	STAILQ_INIT(&r->letters);
	evutil_make_socket_nonblocking(fd);
	r->writable = event_new(loop_base(loop), fd, EV_WRITE, writable_cb, r);
	BUG_ON(!r->writable);
	r->readable = loop_watch(loop, fd, EV_READ | EV_PERSIST, readable_cb, r);
	if (r->readable)
		return r;
	err_errno(e, "watching the helper");
	remote_connector_free(r);
	return NULL;
}

void remote_connector_free(struct remote_connector *r)
{
	struct letter *l;
	struct way *way;

	if (!r)
		return;
	while ((way = SLIST_FIRST(&r->ways))) {
		SLIST_REMOVE_HEAD(&r->ways, entry);
		free(way);
	}
	if (r->readable)
		event_free(r->readable);
	event_free(r->writable);
	while ((l = STAILQ_FIRST(&r->letters))) {
		STAILQ_REMOVE_HEAD(&r->letters, entry);
		free(l);
	}
	close(r->fd);
	free(r);
}

static bool same_way(const struct remote_way *a, const struct remote_way *b)
{
	return a->interface == b->interface && a->source.len == b->source.len &&
	       (!a->source.len || addr_equal(&a->source, &b->source));
}

struct connector *remote_connector(struct remote_connector *r, const struct remote_way *how)
{
	struct way *way;

	SLIST_FOREACH (way, &r->ways, entry)
		if (same_way(&way->how, how))
			return &way->connector;
	way = xcalloc(1, sizeof(*way));
	*way = (struct way){.connector = {.start = remote_start, .cancel = remote_cancel},
			    .remote = r,
			    .how = *how};
	SLIST_INSERT_HEAD(&r->ways, way, entry);
	return &way->connector;
}
