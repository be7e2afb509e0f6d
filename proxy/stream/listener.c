/* listener.c - a listening socket that survives running out of descriptors. A connection is
 * accepted only while its second socket is in reserve, so no accepted client is turned away. */
#include "proxy/stream/listener.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64
#define PAUSE	       (20 * NS_PER_MS) /* between two looks for free descriptors */

struct listener {
	struct loop *loop;
	struct listener_config config;
	int fd, reserve;
	struct event *event;
	struct timer again;
	bool paused;
};

static int open_spare(void)
{
	return sock_tcp(AF_INET, 0);
}

static void listener_pause(struct listener *l, int error)
{
	struct rlimit limit = {0};

	timer_arm(loop_timers(l->loop), &l->again, clock_now(loop_clock(l->loop)) + PAUSE);
	if (l->paused)
		return;
	l->paused = true;
	event_del(l->event);
	getrlimit(RLIMIT_NOFILE, &limit);
	log_warn(l->config.log,
		 "can't accept: %s (this process may have %llu descriptors); accepting pauses",
		 strerror(error), (unsigned long long)limit.rlim_cur);
}

static bool is_out_of_descriptors(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* One connection; false when there is none, or none may be accepted now. */
static bool accept_one(struct listener *l)
{
	struct addr client = {.len = sizeof(client.in6)};
	int fd, spare;

	if (l->reserve == -1)
		l->reserve = open_spare();
	if (l->reserve == -1) {
		listener_pause(l, errno);
		return false;
	}
	fd = accept4(l->fd, &client.sa, &client.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1) {
		if (is_out_of_descriptors(errno))
			listener_pause(l, errno);
		return errno == EINTR || errno == ECONNABORTED;
	}
	spare = l->reserve;
	l->reserve = -1;
	addr_unmap(&client);
	l->config.accepted(l->config.arg, fd, spare, &client);
	return true;
}

static void accept_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPTS_A_TURN && accept_one(arg); i++)
		;
}

static void again_cb(void *arg, int64_t now)
{
	struct listener *l = arg;
	int probe = open_spare();

	(void)now;
	if (l->reserve == -1) {
		l->reserve = probe;
		probe = open_spare();
	}
	if (l->reserve == -1 || probe == -1) {
		listener_pause(l, errno);
		return;
	}
	close(probe);
	if (event_add(l->event, NULL) == -1) {
		listener_pause(l, errno);
		return;
	}
	l->paused = false;
	log_warn(l->config.log, "descriptors are free again: accepting goes on");
}

static int bind_to(struct listener *l, const struct addr *a)
{
	int error;

	l->fd = sock_tcp(a->sa.sa_family, l->config.mark);
	if (l->fd == -1)
		return -1;
	sock_set_int(l->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->sa.sa_family == AF_INET6 && addr_is_any(a))
		sock_set_int(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	sock_rcvbuf(l->fd, l->config.rcvbuf);
	if (l->config.share == LISTENER_JOINS)
		sock_set_int(l->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if ((!l->config.transparent || sock_transparent(l->fd, a->sa.sa_family) == 0) &&
	    (!l->config.loopback_only || sock_loopback_only(l->fd) == 0) &&
	    bind(l->fd, &a->sa, a->len) == 0) {
		/* Once it is bound, so that an address that is in use is refused. */
		if (l->config.share == LISTENER_FIRST)
			sock_set_int(l->fd, SOL_SOCKET, SO_REUSEPORT, 1);
		return 0;
	}
	error = errno;
	close(l->fd);
	l->fd = -1;
	errno = error;
	return -1;
}

/* ":PORT" on a host without IPv6. */
static int bind_any_ipv4(struct listener *l)
{
	struct addr any = {.len = sizeof(any.in)};

	if (!addr_is_any(&l->config.addr) || l->config.addr.sa.sa_family != AF_INET6 ||
	    (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
		return -1;
	any.in.sin_family = AF_INET;
	addr_set_port(&any, addr_port(&l->config.addr));
	return bind_to(l, &any);
}

struct listener *listener_new(struct loop *loop, const struct listener_config *config,
			      struct err *e)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	char text[ADDR_TEXT];

	l->loop = loop;
	l->config = *config;
	l->reserve = -1;
	l->again.fn = again_cb;
	l->again.arg = l;
	if (bind_to(l, &config->addr) == -1 && bind_any_ipv4(l) == -1) {
		if (config->transparent && errno == EPERM)
			err_set(e, "transparent mode needs CAP_NET_ADMIN in the network namespace; "
				   "explicit mode (--listen, --upstream) works without");
		else if (config->mark && errno == EPERM)
			err_set(e, "this impairment acts on packets: it needs CAP_NET_ADMIN in the "
				   "network namespace, to mark sockets and queue packets");
		else
			err_errno(e, "can't listen on %s", addr_format(&config->addr, text));
		free(l);
		return NULL;
	}
	l->config.addr.len = sizeof(l->config.addr.in6);
	getsockname(l->fd, &l->config.addr.sa, &l->config.addr.len);
	return l;
}

int listener_start(struct listener *l, struct err *e)
{
	char text[ADDR_TEXT];

	if (listen(l->fd, SOMAXCONN) == -1)
		return err_errno(e, "can't listen on %s", addr_format(&l->config.addr, text));
	if (l->config.share == LISTENER_JOINS)
		sock_prefer_none(l->fd);
	l->event = loop_watch(l->loop, l->fd, EV_READ | EV_PERSIST, accept_cb, l);
	return l->event ? 0
			: err_errno(e, "can't watch the listener on %s",
				    addr_format(&l->config.addr, text));
}

void listener_set(struct listener *l, void *arg, uint32_t mark, size_t rcvbuf)
{
	l->config.arg = arg;
	if (mark != l->config.mark)
		sock_set_int(l->fd, SOL_SOCKET, SO_MARK, (int)mark);
	if (rcvbuf != l->config.rcvbuf)
		sock_rcvbuf_change(l->fd, rcvbuf);
	l->config.mark = mark;
	l->config.rcvbuf = rcvbuf;
}

const struct addr *listener_addr(const struct listener *l)
{
	return &l->config.addr;
}

void listener_prefer_first(struct listener *l)
{
	sock_prefer_first(l->fd);
}

static void listener_close(struct listener *l)
{
	timer_cancel(loop_timers(l->loop), &l->again);
	if (l->event)
		event_free(l->event);
	if (l->reserve != -1)
		close(l->reserve);
	if (l->fd != -1)
		close(l->fd);
	l->event = NULL;
	l->reserve = l->fd = -1;
}

void listener_stop(struct listener *l)
{
	if (l->fd == -1)
		return;
	for (int i = 0; i < SOMAXCONN && !l->paused && accept_one(l); i++)
		;
	listener_close(l);
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	listener_close(l);
	free(l);
}
