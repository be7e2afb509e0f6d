/* attempt.c - a non-blocking connect, from the source that the dial asks for, or a request to a
 * connector. */
#include "proxy/stream/attempt.h"

#include "proxy/base/loop.h"
#include "proxy/base/sockopt.h"
#include "proxy/base/time_wait.h"

#include <errno.h>
#include <unistd.h>

/* The server may have accepted by now: it learns by RST that it isn't wanted, never by a FIN that
 * nobody has sent. */
static void drop_connection(struct attempt *a)
{
	struct connector *connector = a->way->connector;

	if (a->watched && a->fd != -1)
		edge_set_remove(loop_edges(a->way->loop), &a->watch, a->fd);
	a->watched = false;
	if (a->fd != -1)
		sock_close_reset(a->fd);
	a->fd = -1;
	if (connector && a->request.id)
		connector->cancel(connector, &a->request);
}

void attempt_end(struct attempt *a, const char *result)
{
	struct attempt_way *w = a->way;

	if (!a->trying)
		return;
	a->trying = false;
	timer_cancel(w->timers, &a->timer);
	drop_connection(a);
	if (w->ended)
		w->ended(w->arg, &a->to, result, clock_now(w->clock) - a->began);
}

int attempt_take(struct attempt *a)
{
	int fd = a->fd;

	a->fd = -1;
	return fd;
}

static void connect_cb(void *arg, unsigned edges)
{
	struct attempt *a = arg;
	int error = edges & EDGE_END ? sock_take_error(a->fd) : 0;

	if (error)
		a->way->failed(a, error);
	else
		a->way->connected(a);
}

static void connector_done(void *arg, int fd, int error)
{
	struct attempt *a = arg;

	a->fd = fd;
	if (fd == -1)
		a->way->failed(a, error);
	else
		a->way->connected(a);
}

static void connector_began(void *arg, const struct addr *local)
{
	const struct attempt *a = arg;

	a->way->began_outside(a->way->arg, local, &a->to);
}

static void timeout_cb(void *arg, int64_t now)
{
	struct attempt *a = arg;

	(void)now;
	a->way->failed(a, ETIMEDOUT);
}

static void connector_begin(struct attempt *a)
{
	struct attempt_way *w = a->way;

	a->request = (struct connect_request){.to = a->to,
					      .mark = w->mark,
					      .rcvbuf = w->rcvbuf,
					      .spare = &w->spare,
					      .began = w->began_outside ? connector_began : NULL,
					      .done = connector_done,
					      .arg = a};
	w->connector->start(w->connector, &a->request);
}

static bool connect_now(struct attempt *a)
{
	return connect(a->fd, &a->to.sa, a->to.len) == 0 || errno == EINPROGRESS;
}

static bool open_socket(struct attempt *a)
{
	struct attempt_way *w = a->way;

	a->fd = w->spare;
	w->spare = -1;
	if (a->fd != -1 && (a->to.sa.sa_family != AF_INET || sock_mark(a->fd, w->mark) == -1)) {
		close(a->fd);
		a->fd = -1;
	}
	if (a->fd == -1)
		a->fd = sock_tcp(a->to.sa.sa_family, w->mark);
	if (a->fd == -1)
		return false;
	sock_rcvbuf(a->fd, w->rcvbuf);
	return true;
}

/* From the source's address and port. A TIME_WAIT of the same 4-tuple gives way: the client, whose
 * port it is, has decided to use it again. */
static bool connect_same_port(struct attempt *a)
{
	const struct addr *source = &a->way->source;

	if (bind(a->fd, &source->sa, source->len) == -1)
		return false;
	if (connect_now(a))
		return true;
	return errno == EADDRNOTAVAIL && time_wait_end(source, &a->to) && connect_now(a);
}

/* From the source's address; the kernel chooses a port that is free towards a->to. */
static bool connect_other_port(struct attempt *a)
{
	struct addr source = a->way->source;

	addr_set_port(&source, 0);
	sock_set_int(a->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return bind(a->fd, &source.sa, source.len) == 0 && connect_now(a);
}

static bool socket_begin(struct attempt *a)
{
	const struct attempt_way *w = a->way;
	int family = a->to.sa.sa_family;
	bool from = w->source.len && w->source.sa.sa_family == family &&
		    !(w->may_be_here && sock_is_own(&a->to));

	if (!open_socket(a))
		return false;
	if (!from)
		return connect_now(a);
	if (sock_transparent(a->fd, family) == -1)
		return false;
	sock_set_int(a->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (connect_same_port(a))
		return true;
	if (errno != EADDRINUSE && errno != EADDRNOTAVAIL && errno != EACCES)
		return false;
	close(a->fd);
	if (!open_socket(a) || sock_transparent(a->fd, family) == -1)
		return false;
	return connect_other_port(a);
}

/* Returns false, with errno, when it has failed at once. */
static bool socket_begin_told(struct attempt *a)
{
	struct attempt_way *w = a->way;
	bool begun;
	int error;

	if (w->connecting)
		w->connecting(w->arg, true);
	begun = socket_begin(a);
	error = errno;
	if (begun && w->began)
		w->began(w->arg, a->fd, &a->to);
	if (w->connecting)
		w->connecting(w->arg, false);
	errno = error;
	return begun;
}

bool attempt_begin(struct attempt *a)
{
	struct attempt_way *w = a->way;

	a->trying = true;
	a->began = clock_now(w->clock);
	if (w->connector)
		connector_begin(a);
	else if (socket_begin_told(a)) {
		a->watch = (struct edge_watch){.fn = connect_cb, .arg = a};
		a->watched = edge_set_add(loop_edges(w->loop), &a->watch, a->fd) == 0;
	}
	if (!w->connector && !a->watched)
		return false;
	a->timer.fn = timeout_cb;
	a->timer.arg = a;
	if (w->timeout)
		timer_arm(w->timers, &a->timer, a->began + w->timeout);
	return true;
}
