/* endpoint.c - one socket of a session: readiness, reading, writing and its end. */
#include "proxy/stream/endpoint.h"

#include "proxy/stream/sockopt.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRITE_PIECES 16

void endpoint_init(struct endpoint *ep, struct session *s, enum leg leg, struct endpoint *peer,
		   struct flow *from, struct flow *to)
{
	*ep = (struct endpoint){
	    .session = s, .peer = peer, .leg = leg, .fd = -1, .from = from, .to = to};
	ep->out = evbuffer_new();
	BUG_ON(!ep->out);
}

void endpoint_open(struct endpoint *ep, struct event_base *base, int fd, event_callback_fn cb)
{
	ep->fd = fd;
	ep->writable = true;
	sock_quickack(fd);
	BUG_ON(event_assign(&ep->event, base, fd,
			    EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST, cb, ep) == -1 ||
	       event_add(&ep->event, NULL) == -1);
}

/* The connection broke: what it still should have got is lost with it. */
static void endpoint_die(struct endpoint *ep, int error)
{
	size_t lost = evbuffer_get_length(ep->out);

	if (ep->error)
		return;
	ep->error = error;
	ep->readable = true; /* what came before the RST is still to be read */
	evbuffer_drain(ep->out, lost);
	flow_sent(ep->to, lost);
}

/* While nothing is read, or after FIN, recv() doesn't tell of an RST: ask. */
void endpoint_note(struct endpoint *ep, short what)
{
	bool reading = !ep->in_done && flow_readable(ep->from) && !ep->peer->error;
	int error;

	if (what & (EV_READ | EV_CLOSED))
		ep->readable = true;
	if (what & EV_WRITE)
		ep->writable = true;
	if (reading || ep->error || !sock_is_over(ep->fd))
		return;
	error = sock_take_error(ep->fd);
	if (error)
		endpoint_die(ep, error);
}

static void finish_input(struct endpoint *ep)
{
	ep->in_done = true;
	flow_finish(ep->from, ep->error ? END_RST : END_FIN);
}

bool endpoint_read(struct endpoint *ep, void *scratch, size_t scratch_len, size_t budget)
{
	struct evbuffer *buf = NULL;
	bool got = false;

	while (ep->readable && !ep->in_done && !ep->gone && flow_readable(ep->from) && budget) {
		size_t want = flow_room(ep->from);
		ssize_t n;

		want = want < scratch_len ? want : scratch_len;
		want = want < budget ? want : budget;
		n = recv(ep->fd, scratch, want, 0);
		if (n > 0) {
			got = true;
			budget -= (size_t)n;
			ep->got += (uint64_t)n;
			if (!buf)
				buf = evbuffer_new();
			BUG_ON(!buf || evbuffer_add(buf, scratch, (size_t)n) == -1);
			flow_push(ep->from, buf);
		} else if (n == 0) {
			finish_input(ep);
		} else if (errno == EAGAIN) {
			ep->readable = false;
		} else if (errno != EINTR) {
			endpoint_die(ep, errno);
			finish_input(ep);
		}
	}
	if (got && !ep->gone)
		sock_quickack(ep->fd);
	if (buf)
		evbuffer_free(buf);
	return ep->readable && !ep->in_done && !ep->gone && flow_readable(ep->from);
}

void endpoint_take(struct endpoint *ep, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	if (ep->error || ep->gone || ep->ending != END_NONE) {
		evbuffer_drain(buf, n);
		flow_sent(ep->to, n);
		return;
	}
	BUG_ON(evbuffer_add_buffer(ep->out, buf) == -1);
}

/* One sendmsg; false when the kernel takes no more now. */
static bool send_some(struct endpoint *ep)
{
	struct evbuffer_iovec piece[WRITE_PIECES];
	struct iovec iov[WRITE_PIECES];
	struct msghdr msg = {.msg_iov = iov};
	int pieces = evbuffer_peek(ep->out, -1, NULL, piece, WRITE_PIECES);
	ssize_t n;

	msg.msg_iovlen = (size_t)(pieces < WRITE_PIECES ? pieces : WRITE_PIECES);
	for (size_t i = 0; i < msg.msg_iovlen; i++)
		iov[i] = (struct iovec){.iov_base = piece[i].iov_base, .iov_len = piece[i].iov_len};
	n = sendmsg(ep->fd, &msg, MSG_NOSIGNAL);
	if (n >= 0) {
		ep->sent += (uint64_t)n;
		evbuffer_drain(ep->out, (size_t)n);
		flow_sent(ep->to, (size_t)n);
	} else if (errno == EAGAIN) {
		ep->writable = false;
	} else if (errno != EINTR) {
		endpoint_die(ep, errno);
	}
	return ep->writable && !ep->error;
}

void endpoint_write(struct endpoint *ep)
{
	if (ep->fd == -1 || ep->error)
		return;
	while (ep->writable && evbuffer_get_length(ep->out) && send_some(ep))
		;
	if (ep->ending == END_FIN && !ep->fin_sent && !evbuffer_get_length(ep->out)) {
		ep->fin_sent = true;
		shutdown(ep->fd, SHUT_WR);
	}
}

bool endpoint_rst_ripe(struct endpoint *ep, int64_t now, int64_t patience)
{
	size_t unacked = sock_unacked(ep->fd);
	uint64_t acked = ep->sent + ep->fin_sent - unacked;
	const struct flow *f = ep->to;
	bool in_stage =
	    f->held || f->stage_pauses || (f->end_in != END_NONE && f->end_out == END_NONE);

	if (ep->ending == END_RST && !unacked && !evbuffer_get_length(ep->out))
		return true;
	if (acked != ep->acked || in_stage) {
		ep->acked = acked;
		ep->acked_at = now;
	}
	return now - ep->acked_at >= patience;
}

void endpoint_close(struct endpoint *ep, bool reset)
{
	size_t lost = evbuffer_get_length(ep->out);

	if (ep->gone)
		return;
	ep->gone = true;
	evbuffer_drain(ep->out, lost);
	flow_sent(ep->to, lost);
	if (ep->fd == -1)
		return;
	event_del(&ep->event);
	if (reset)
		sock_close_reset(ep->fd);
	else
		close(ep->fd);
	ep->fd = -1;
}

void endpoint_fini(struct endpoint *ep)
{
	evbuffer_free(ep->out);
}
