/* endpoint.c - the kernel tells of each edge once, so readiness is kept in flags until a call of
 * the kernel has shown that there is nothing more. */
#include "proxy/stream/endpoint.h"

#include "proxy/base/sock_ack.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/endpoint_pass.h"
#include "proxy/stream/endpoint_send.h"
#include "proxy/stream/flow/buffer_join.h"
#include "proxy/stream/flow/urgent.h"

#include <errno.h>
#include <event2/buffer.h>
#include <unistd.h>

void endpoint_init(struct endpoint *ep, struct session *s, enum leg leg, struct endpoint *peer,
		   struct flow *from, struct flow *to)
{
	*ep = (struct endpoint){
	    .session = s, .peer = peer, .leg = leg, .fd = -1, .from = from, .to = to};
	/* Before it is connected, too: an impairment may end a session that is still dialling. */
	ep->plain = (struct transport){.ops = &transport_plain, .fd = -1};
	ep->io = &ep->plain;
}

/* What has been read is to be acknowledged: soon, or when its flow's sink has. */
static void owe_ack(struct endpoint *ep)
{
	if (ep->acks_later)
		sock_ack_later(ep->fd);
	else
		ack_debts_owe(&ep->ground->debts, &ep->debt, ep->fd);
}

int endpoint_open(struct endpoint *ep, struct endpoint_ground *ground, int fd,
		  void (*cb)(void *ep, unsigned edges))
{
	ep->fd = fd;
	ep->plain.fd = fd;
	ep->ready = ep->writable = true;
	if (ep->acks_later)
		sock_ack_later(fd);
	ep->ground = ground;
	ep->watch = (struct edge_watch){.fn = cb, .arg = ep};
	return (ep->leg == LEG_SERVER ? edge_set_take : edge_set_add)(ground->edges, &ep->watch,
								      fd);
}

void endpoint_wrap(struct endpoint *ep, struct transport *io)
{
	BUG_ON(endpoint_unsent(ep));
	ep->io = io;
	ep->ready = false;
}

enum leg_setup endpoint_setup(struct endpoint *ep)
{
	enum leg_setup setup = ep->io->ops->setup(ep->io);

	sock_quickack(ep->fd);
	ep->ready = setup == LEG_SETUP_DONE;
	ep->readable |= ep->ready; /* the leg's set-up may have had its edge */
	return setup;
}

/* While nothing is read, or after FIN, recv() doesn't tell of an RST: ask. */
void endpoint_note(struct endpoint *ep, unsigned edges)
{
	bool reading = ep->ready && !ep->in_done && flow_readable(ep->from) && !ep->peer->error &&
		       !ep->peer->pipe;
	int error;

	if (edges & EDGE_IN)
		ep->readable = ep->fresh = true;
	if (edges & EDGE_OUT) {
		ep->writable = true;
		ep->io->read_waits = false;
	}
	ep->end_near |= (edges & EDGE_END) != 0;
	ep->urgent_near |= (edges & EDGE_URGENT) != 0;
	if (!(edges & EDGE_END) || reading || ep->error || !sock_is_over(ep->fd))
		return;
	error = sock_take_error(ep->fd);
	if (error)
		endpoint_die(ep, error);
}

static void push_bytes(struct endpoint *ep, struct evbuffer *buf, bool at_end)
{
	if (ep->edit)
		ep->edit(ep, buf, at_end);
	if (evbuffer_get_length(buf))
		flow_push(ep->from, buf);
}

static void finish_input(struct endpoint *ep)
{
	struct evbuffer *rest = ep->edit ? evbuffer_new() : NULL;

	if (rest) {
		push_bytes(ep, rest, true);
		evbuffer_free(rest);
	}
	ep->in_done = true;
	flow_finish(ep->from, ep->error ? END_RST : END_FIN);
}

/* Something is to be had from the socket, and the flow takes it. */
static bool may_read(const struct endpoint *ep)
{
	return ep->ready && ep->readable && !ep->io->read_waits && !ep->in_done && !ep->gone &&
	       flow_readable(ep->from);
}

/* Reads as recv() does; *urgent: it is one byte, of urgent data. recv() stops before an urgent byte
 * and, at it, goes on behind it. A socket that may be empty is looked at first: an urgent byte that
 * comes between the two calls would be taken for an ordinary one. An error is told only once. Where
 * the kernel has just told of bytes, it would have told of an urgent one among them. */
static ssize_t read_some(struct endpoint *ep, void *p, size_t want, bool may_be_empty, bool *urgent)
{
	bool clear = ep->io->ops->clear;
	char byte;

	*urgent = false;
	if (clear && may_be_empty && recv(ep->fd, &byte, 1, MSG_PEEK) == -1)
		return -1;
	*urgent = clear && (ep->urgent_near || !ep->fresh) && sock_at_mark(ep->fd);
	ep->fresh = false;
	return ep->io->ops->read(ep->io, p, *urgent ? 1 : want);
}

/* A read that found less than it wanted has emptied the socket, and the kernel will tell of what
 * comes next; unless it stopped before an urgent byte or an end, of which it has told already. */
static bool has_emptied(const struct endpoint *ep, size_t got, size_t want)
{
	return got < want && ep->io->ops->clear && !ep->end_near && !ep->urgent_near;
}

/* Puts what has been read into a buffer for the flow. An urgent byte is one for the other end, too,
 * unless TLS is there, which knows none. */
static void take_bytes(struct endpoint *ep, struct evbuffer *buf, const void *bytes, size_t n,
		       bool urgent)
{
	if (!urgent) {
		BUG_ON(evbuffer_add(buf, bytes, n) == -1);
		return;
	}
	ep->peer->io->urgent = true;
	BUG_ON(urgent_append(buf, *(const unsigned char *)bytes) == -1);
}

/* What a read has brought goes to the peer at once, or into the flow. */
static void give_bytes(struct endpoint *ep, const void *bytes, size_t n, bool urgent)
{
	struct evbuffer *buf;

	if (!urgent && endpoint_pass_bytes(ep, bytes, n))
		return;
	buf = evbuffer_new();
	BUG_ON(!buf);
	take_bytes(ep, buf, bytes, n, urgent);
	push_bytes(ep, buf, false);
	evbuffer_free(buf);
}

/* What a read that brought nothing means. */
static void note_no_bytes(struct endpoint *ep, ssize_t n)
{
	if (n == 0) {
		finish_input(ep);
	} else if (errno == EAGAIN) {
		ep->readable = ep->io->read_waits;
		ep->writable &= !ep->io->read_waits;
	} else if (errno != EINTR) {
		endpoint_die(ep, errno);
		finish_input(ep);
	}
}

/* Returns the bytes that were copied, -1 or 0 as read_some; *all: the socket may be empty now. */
static ssize_t copy_some(struct endpoint *ep, void *scratch, size_t want, bool *all)
{
	bool urgent;
	ssize_t n = read_some(ep, scratch, want, *all, &urgent);

	if (n <= 0) {
		note_no_bytes(ep, n);
		return n;
	}
	*all = urgent || (size_t)n < want;
	ep->got += (uint64_t)n;
	ep->urgent_near &= !urgent;
	splice_choice_note(&ep->choice, (size_t)n);
	if (!urgent && has_emptied(ep, (size_t)n, want))
		ep->readable = false;
	give_bytes(ep, scratch, (size_t)n, urgent);
	return n;
}

/* Where it brings nothing, the socket may be empty, or at an end or an urgent byte: a read tells.
 * An error of the connection is told only once. */
static ssize_t splice_some(struct endpoint *ep, size_t want, bool *all)
{
	ssize_t n = endpoint_pass_pipe(ep, want);

	ep->fresh = false;
	*all = n <= 0;
	if (n > 0) {
		ep->got += (uint64_t)n;
	} else if (n == -1 && errno == EAGAIN) {
		ep->readable = ep->end_near || ep->urgent_near;
	} else if (n == -1 && errno != ENOBUFS && errno != EINVAL && errno != EINTR) {
		note_no_bytes(ep, n);
	}
	return n;
}

bool endpoint_read(struct endpoint *ep, void *scratch, size_t scratch_len, size_t budget)
{
	bool got = false, all = false;

	while (budget && may_read(ep)) {
		size_t want = flow_room(ep->from);
		ssize_t n;

		if (!want) {
			flow_yield(ep->from);
			break;
		}
		want = want < budget ? want : budget;
		if (!all && endpoint_may_splice(ep)) {
			if (ep->peer->pipe) /* it is full enough, and empties first */
				break;
			n = splice_some(ep, want, &all);
		} else {
			n = copy_some(ep, scratch, want < scratch_len ? want : scratch_len, &all);
		}
		if (n > 0) {
			got = true;
			budget -= (size_t)n;
		}
	}
	if (got && !ep->gone)
		owe_ack(ep);
	return may_read(ep) && !ep->peer->pipe;
}

void endpoint_take(struct endpoint *ep, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	if (ep->error || ep->gone || ep->ending != END_NONE) {
		evbuffer_drain(buf, n);
		flow_sent(ep->to, n);
		return;
	}
	BUG_ON(buffer_join(endpoint_out(ep), buf) == -1);
}

bool endpoint_held_back(const struct endpoint *ep)
{
	const struct flow *f = ep->to;

	return ep->ending != END_RST &&
	       (f->held || f->stage_pauses || (f->end_in != END_NONE && f->end_out == END_NONE));
}

bool endpoint_rst_ripe(const struct endpoint *ep, struct rst_progress *p, int64_t now,
		       int64_t patience)
{
	size_t unacked = sock_unacked(ep->fd);
	uint64_t acked = ep->sent + ep->fin_sent - unacked;

	if (ep->ending == END_RST && !unacked && !endpoint_unsent(ep))
		return true;
	if (acked != p->acked || endpoint_held_back(ep)) {
		p->acked = acked;
		p->acked_at = now;
	}
	return now - p->acked_at >= patience;
}

void endpoint_close(struct endpoint *ep, bool reset)
{
	if (ep->gone)
		return;
	ep->gone = true;
	endpoint_lose_unsent(ep);
	if (ep->fd == -1)
		return;
	ack_debts_settle(&ep->ground->debts, &ep->debt);
	edge_set_remove(ep->ground->edges, &ep->watch, ep->fd);
	if (reset && !ep->io->alerted)
		sock_close_reset(ep->fd);
	else
		close(ep->fd);
	ep->fd = -1;
}

void endpoint_fini(struct endpoint *ep)
{
	if (ep->out)
		evbuffer_free(ep->out);
}
