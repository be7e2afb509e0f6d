/* dial.c - one attempt at a time: an address that fails is dropped before the next is tried. */
#include "proxy/stream/dial.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/base/time_wait.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

static void dial_next(struct dial *d, const char *why);

/* The server may have accepted by now: it learns by RST that it isn't wanted, never by a FIN that
 * nobody has sent. */
static void attempt_drop(struct dial *d)
{
	if (d->event)
		event_free(d->event);
	d->event = NULL;
	if (d->fd != -1)
		sock_close_reset(d->fd);
	d->fd = -1;
	if (d->connector && d->request.id)
		d->connector->cancel(d->connector, &d->request);
}

static void attempt_failed(struct dial *d, int error)
{
	char text[ADDR_TEXT], why[ADDR_TEXT + 128];

	d->error = error;
	snprintf(why, sizeof(why), "%s: %s", addr_format(&d->addrs[d->at], text), strerror(error));
	attempt_drop(d);
	d->at++;
	dial_next(d, why);
}

static void connect_cb(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;
	int error = sock_take_error(fd);

	(void)what;
	if (error) {
		attempt_failed(d, error);
		return;
	}
	event_free(d->event);
	d->event = NULL;
	d->fd = -1;
	d->done(d->arg, fd, &d->addrs[d->at], NULL);
}

static void connector_done(void *arg, int fd, int error)
{
	struct dial *d = arg;

	if (fd == -1)
		attempt_failed(d, error);
	else
		d->done(d->arg, fd, &d->addrs[d->at], NULL);
}

static void connector_begin(struct dial *d, const struct addr *a)
{
	d->request = (struct connect_request){.to = *a,
					      .mark = d->mark,
					      .rcvbuf = d->rcvbuf,
					      .spare = &d->spare,
					      .done = connector_done,
					      .arg = d};
	d->connector->start(d->connector, &d->request);
}

static bool connect_to(struct dial *d, const struct addr *a)
{
	return connect(d->fd, &a->sa, a->len) == 0 || errno == EINPROGRESS;
}

static bool open_socket(struct dial *d, int family)
{
	if (d->spare != -1)
		close(d->spare);
	d->spare = -1;
	d->fd = sock_tcp(family, d->mark);
	if (d->fd == -1)
		return false;
	sock_quickack(d->fd);
	sock_rcvbuf(d->fd, d->rcvbuf);
	return true;
}

/* From the source's address and port. A TIME_WAIT of the same 4-tuple gives way: the client, whose
 * port it is, has decided to use it again. */
static bool connect_same_port(struct dial *d, const struct addr *a)
{
	if (bind(d->fd, &d->source.sa, d->source.len) == -1)
		return false;
	if (connect_to(d, a))
		return true;
	return errno == EADDRNOTAVAIL && time_wait_end(&d->source, a) && connect_to(d, a);
}

/* From the source's address; the kernel chooses a port that is free towards a. */
static bool connect_other_port(struct dial *d, const struct addr *a)
{
	struct addr source = d->source;

	addr_set_port(&source, 0);
	sock_set_int(d->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	return bind(d->fd, &source.sa, source.len) == 0 && connect_to(d, a);
}

static bool connect_begin(struct dial *d, const struct addr *a)
{
	int family = a->sa.sa_family;
	bool from = d->source.len && d->source.sa.sa_family == family &&
		    !(d->may_be_here && sock_is_own(a));

	if (!open_socket(d, family))
		return false;
	if (!from)
		return connect_to(d, a);
	if (sock_transparent(d->fd, family) == -1)
		return false;
	sock_set_int(d->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (connect_same_port(d, a))
		return true;
	if (errno != EADDRINUSE && errno != EADDRNOTAVAIL && errno != EACCES)
		return false;
	close(d->fd);
	if (!open_socket(d, family) || sock_transparent(d->fd, family) == -1)
		return false;
	return connect_other_port(d, a);
}

/* why: what became of the address before. */
static void dial_next(struct dial *d, const char *why)
{
	if (d->at == d->n) {
		d->done(d->arg, -1, NULL, why);
		return;
	}
	if (d->connector) {
		connector_begin(d, &d->addrs[d->at]);
		return;
	}
	if (!connect_begin(d, &d->addrs[d->at])) {
		attempt_failed(d, errno);
		return;
	}
	if (d->began)
		d->began(d->arg, d->fd, &d->addrs[d->at]);
	d->event = event_new(loop_base(d->loop), d->fd, EV_WRITE, connect_cb, d);
	BUG_ON(!d->event || event_add(d->event, NULL) == -1);
}

static void resolved_cb(void *arg, const struct addr *addrs, size_t n, const char *error)
{
	struct dial *d = arg;
	char why[sizeof(d->name.host) + 256];

	if (!n) {
		snprintf(why, sizeof(why), "%s doesn't resolve: %s", d->name.host, error);
		d->done(d->arg, -1, NULL, why);
		return;
	}
	d->addrs = xcalloc(n, sizeof(*addrs));
	memcpy(d->addrs, addrs, n * sizeof(*addrs));
	d->n = n;
	dial_next(d, NULL);
}

/* The loopback of another network isn't this one's resolver's to know (RFC 6761, 6.3). */
static bool is_far_localhost(const struct dial *d, struct addr both[2])
{
	return d->connector && strcmp(d->name.host, "localhost") == 0 &&
	       addr_parse_host("127.0.0.1", d->name.port, &both[0], NULL) == 0 &&
	       addr_parse_host("::1", d->name.port, &both[1], NULL) == 0;
}

void dial_start(struct dial *d, struct resolver *r, const struct host_port *name)
{
	struct addr literal, both[2];

	d->fd = -1;
	d->name = *name;
	if (is_far_localhost(d, both)) {
		resolved_cb(d, both, 2, NULL);
		return;
	}
	if (addr_parse_host(name->host, name->port, &literal, NULL) == 0) {
		resolved_cb(d, &literal, 1, NULL);
		return;
	}
	d->lookup.fn = resolved_cb;
	d->lookup.arg = d;
	resolver_ask(r, name, &d->lookup);
}

void dial_fail(struct dial *d, int error)
{
	if (d->fd != -1)
		attempt_failed(d, error);
}

void dial_fini(struct dial *d)
{
	lookup_cancel(&d->lookup);
	attempt_drop(d);
	if (d->spare != -1)
		close(d->spare);
	d->spare = -1;
	free(d->addrs);
	d->addrs = NULL;
}
