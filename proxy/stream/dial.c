/* dial.c - one connection to an upstream: its name resolved, its addresses tried in order. */
#include "proxy/stream/dial.h"

#include "proxy/base/mem.h"
#include "proxy/stream/sockopt.h"

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
	if (d->request.id)
		d->connector->cancel(d->connector, &d->request);
}

static void attempt_failed(struct dial *d, int error)
{
	char text[ADDR_TEXT], why[ADDR_TEXT + 128];

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

static bool connect_begin(struct dial *d, const struct addr *a)
{
	if (d->spare != -1)
		close(d->spare);
	d->spare = -1;
	d->fd = sock_tcp(a->sa.sa_family, d->mark);
	if (d->fd == -1)
		return false;
	sock_quickack(d->fd);
	sock_rcvbuf(d->fd, d->rcvbuf);
	return connect(d->fd, &a->sa, a->len) == 0 || errno == EINPROGRESS;
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
