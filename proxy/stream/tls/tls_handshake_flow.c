/* tls_handshake_flow.c - OpenSSL tells of a record before it writes the bytes, so marks are counted
 * apart from them. */
#include "proxy/stream/tls/tls_handshake_flow.h"

#include <errno.h>
#include <event2/buffer.h>
#include <sys/socket.h>

static struct tls_handshake_flow *handshake_of(struct flow *f)
{
	return f->host_arg;
}

static void wake_host(struct tls_handshake_flow *h)
{
	if (!h->pushing)
		h->host->wake(h->host_arg);
}

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct tls_handshake_flow *h = handshake_of(f);

	BUG_ON(evbuffer_add_buffer(h->wire, buf) == -1);
	wake_host(h);
}

static void host_deliver_end(struct flow *f, enum flow_end end)
{
	struct tls_handshake_flow *h = handshake_of(f);

	if (h->done)
		return;
	if (end == END_RST)
		h->host->reset(h->host_arg, "an impairment ended its TLS handshake with RST");
	else
		wake_host(h);
}

static void host_interest(struct flow *f)
{
	if (flow_readable(f))
		wake_host(handshake_of(f));
}

/* Before the handshake is done both legs share their fate. */
static void host_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	(void)leg;
	(void)after_delivery;
	handshake_of(f)->host->reset(handshake_of(f)->host_arg, why);
}

static void host_finish_back(struct flow *f)
{
	handshake_of(f)->host->finish(handshake_of(f)->host_arg,
				      f->dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER);
}

static void host_alert(struct flow *f, uint64_t place, unsigned char description,
		       struct evbuffer *out)
{
	handshake_of(f)->alert(handshake_of(f), place, description, out);
}

static const struct flow_host_ops host_ops = {
    .deliver = host_deliver,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
    .finish_back = host_finish_back,
    .alert = host_alert,
};

void tls_handshake_flow_init(struct tls_handshake_flow *h, const struct env *env, enum leg leg,
			     uint64_t session, const struct tls_handshake_host *host,
			     void *host_arg)
{
	*h = (struct tls_handshake_flow){.host = host, .host_arg = host_arg, .fd = -1};
	flow_init(&h->flow, env, leg == LEG_CLIENT ? DIR_DOWNSTREAM : DIR_UPSTREAM, session,
		  &host_ops, h);
	h->flow.marks = &h->marks;
	h->said = evbuffer_new();
	h->wire = evbuffer_new();
	BUG_ON(!h->said || !h->wire);
}

void tls_handshake_flow_fini(struct tls_handshake_flow *h)
{
	flow_fini(&h->flow);
	evbuffer_free(h->said);
	evbuffer_free(h->wire);
}

void tls_handshake_flow_say(struct tls_handshake_flow *h, const void *p, size_t n)
{
	BUG_ON(evbuffer_add(h->said, p, n) == -1);
}

void tls_handshake_flow_record(struct tls_handshake_flow *h, size_t n)
{
	h->written += n;
}

static void add_mark(struct message_marks *m, uint64_t at)
{
	if (m->n < MESSAGE_MARKS_MAX)
		m->end[m->n++] = at;
}

void tls_handshake_flow_message(struct tls_handshake_flow *h)
{
	add_mark(&h->marks, h->written);
}

void tls_handshake_flow_sealed(struct tls_handshake_flow *h)
{
	add_mark(&h->sealed, h->written);
}

static void send_wire(struct tls_handshake_flow *h)
{
	while (evbuffer_get_length(h->wire)) {
		size_t n = evbuffer_get_contiguous_space(h->wire);
		ssize_t sent =
		    send(h->fd, evbuffer_pullup(h->wire, (ev_ssize_t)n), n, MSG_NOSIGNAL);

		if (sent == -1 && errno == EINTR)
			continue;
		if (sent <= 0)
			return;
		evbuffer_drain(h->wire, (size_t)sent);
		flow_sent(&h->flow, (size_t)sent);
	}
}

void tls_handshake_flow_push(struct tls_handshake_flow *h)
{
	if (h->done || h->fd == -1)
		return;
	h->pushing = true;
	if (evbuffer_get_length(h->said) && flow_readable(&h->flow))
		flow_push(&h->flow, h->said);
	send_wire(h);
	h->pushing = false;
	if (!tls_handshake_flow_ended(h) || h->fin_sent || evbuffer_get_length(h->wire))
		return;
	h->fin_sent = true;
	shutdown(h->fd, SHUT_WR);
}

bool tls_handshake_flow_quiet(const struct tls_handshake_flow *h)
{
	return !evbuffer_get_length(h->said) && !h->flow.held && !h->flow.undelivered;
}

bool tls_handshake_flow_ended(const struct tls_handshake_flow *h)
{
	return !h->done && h->flow.end_out != END_NONE;
}

void tls_handshake_flow_finish(struct tls_handshake_flow *h)
{
	h->done = true;
	flow_finish(&h->flow, END_FIN);
}
