/* helper.c - a small loop of connects: each socket is the requester's once it is connected. */
#include "proxy/exec/helper.h"

#include "proxy/base/loop.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/exec/process.h"
#include "proxy/exec/sweep.h"
#include "proxy/ns/descriptors.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <unistd.h>

struct attempt {
	struct helper *helper;
	uint32_t id;
	int fd;
	struct event *event;
	LIST_ENTRY(attempt) entry;
};

struct helper {
	struct loop *loop;
	int requests;
	struct event *life;
	int ns[HELPER_NS_KINDS]; /* the command's, as far as they are known yet; else -1 */
	LIST_HEAD(, attempt) attempts;
};

/* Blocks when the reader is slow; the reader never blocks. */
static void send_answer(struct helper *h, uint32_t id, int fd, int error)
{
	struct helper_answer a = {.id = id, .error = error};

	if (process_send(h->requests, &a, sizeof(a), &fd, fd == -1 ? 0 : 1) == 0 || fd == -1)
		return;
	a.error = errno; /* ETOOMANYREFS: too many descriptors on their way */
	(void)!process_send(h->requests, &a, sizeof(a), NULL, 0);
}

static void tell_local(struct helper *h, uint32_t id, int fd)
{
	struct helper_answer a = {.id = id, .begun = true};

	sock_local(fd, &a.local);
	if (a.local.len)
		(void)!process_send(h->requests, &a, sizeof(a), NULL, 0);
}

static void attempt_free(struct attempt *at)
{
	LIST_REMOVE(at, entry);
	if (at->event)
		event_free(at->event);
	free(at);
}

static void connected_cb(evutil_socket_t fd, short what, void *arg)
{
	struct attempt *at = arg;
	int error = sock_take_error(fd);

	(void)what;
	send_answer(at->helper, at->id, error ? -1 : fd, error);
	attempt_free(at);
	close(fd); /* the other process has its own */
}

/* An address that this host doesn't have is the command's own business. */
static void bind_source(int fd, const struct addr *source)
{
	if (!source->len)
		return;
	sock_set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	(void)!bind(fd, &source->sa, source->len);
}

static int open_tcp(const struct helper_request *rq)
{
	int fd = sock_tcp(rq->addr.sa.sa_family, 0), error;

	if (fd == -1)
		return -1;
	sock_quickack(fd);
	sock_rcvbuf(fd, rq->rcvbuf);
	if (rq->interface &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &rq->interface, sizeof(rq->interface))) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	bind_source(fd, &rq->source);
	return fd;
}

static void connect_tcp(struct helper *h, const struct helper_request *rq)
{
	struct attempt *at;
	int fd = open_tcp(rq), error;

	if (fd == -1 || (connect(fd, &rq->addr.sa, rq->addr.len) == -1 && errno != EINPROGRESS)) {
		error = errno;
		if (fd != -1)
			close(fd);
		send_answer(h, rq->id, -1, error);
		return;
	}
	if (rq->tell_local)
		tell_local(h, rq->id, fd);
	at = xcalloc(1, sizeof(*at));
	at->helper = h;
	at->id = rq->id;
	at->fd = fd;
	at->event = loop_watch(h->loop, fd, EV_WRITE, connected_cb, at);
	LIST_INSERT_HEAD(&h->attempts, at, entry);
	if (at->event)
		return;
	send_answer(h, rq->id, -1, errno);
	sock_close_reset(fd);
	attempt_free(at);
}

static void connect_udp(struct helper *h, const struct helper_request *rq)
{
	int fd = socket(rq->addr.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, &rq->addr.sa, rq->addr.len) == -1)
		send_answer(h, rq->id, -1, errno);
	else
		send_answer(h, rq->id, fd, 0);
	if (fd != -1)
		close(fd);
}

static void cancel_attempt(struct helper *h, uint32_t id)
{
	struct attempt *at;

	LIST_FOREACH (at, &h->attempts, entry) {
		if (at->id != id)
			continue;
		sock_close_reset(at->fd);
		attempt_free(at);
		return;
	}
}

static void request_cb(evutil_socket_t fd, short what, void *arg)
{
	struct helper *h = arg;
	struct helper_request rq;

	(void)what;
	if (recv(fd, &rq, sizeof(rq), MSG_DONTWAIT) != (ssize_t)sizeof(rq))
		return; /* life_cb hears of the end */
	switch (rq.what) {
	case HELPER_TCP:
		connect_tcp(h, &rq);
		break;
	case HELPER_UDP:
		connect_udp(h, &rq);
		break;
	case HELPER_CANCEL:
		cancel_attempt(h, rq.id);
		break;
	}
}

static void life_cb(evutil_socket_t fd, short what, void *arg)
{
	struct helper *h = arg;
	enum helper_ns kind;
	int ns;

	(void)what;
	if (process_recv(fd, &kind, sizeof(kind), &ns, 1, MSG_DONTWAIT) != (ssize_t)sizeof(kind)) {
		loop_stop(h->loop);
		return;
	}
	BUG_ON(kind >= HELPER_NS_KINDS || h->ns[kind] != -1);
	h->ns[kind] = ns;
	event_add(h->life, NULL);
}

int helper_tell_namespace(int life, enum helper_ns kind, int ns, struct err *e)
{
	return process_send(life, &kind, sizeof(kind), &ns, 1) == -1
		   ? err_errno(e, "telling of the command's namespaces")
		   : 0;
}

_Noreturn void helper_main(int requests, int life)
{
	struct helper h = {.requests = requests, .ns = {-1, -1, -1}};
	struct err e;

	process_detach("wedge-helper", (int[]){requests, life}, 2);
	descriptors_raise();
	LIST_INIT(&h.attempts);
	h.loop = loop_new(&e);
	if (h.loop)
		h.life = loop_watch(h.loop, life, EV_READ, life_cb, &h);
	if (!h.life || !loop_watch(h.loop, requests, EV_READ | EV_PERSIST, request_cb, &h))
		_exit(1); /* the process inside hears of it, and tells */
	loop_run(h.loop);
	sweep_processes(&(struct sweep){
	    .net = h.ns[HELPER_NET], .mnt = h.ns[HELPER_MNT], .time = h.ns[HELPER_TIME]});
	_exit(0);
}
