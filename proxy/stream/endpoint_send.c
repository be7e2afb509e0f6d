/* endpoint_send.c - in order: what is in the pipe came before what is in the buffer. */
#include "proxy/stream/endpoint_send.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <sys/socket.h>

size_t endpoint_unsent(const struct endpoint *ep)
{
	return (ep->out ? evbuffer_get_length(ep->out) : 0) + (ep->pipe ? ep->pipe->held : 0);
}

struct evbuffer *endpoint_out(struct endpoint *ep)
{
	if (!ep->out)
		ep->out = evbuffer_new();
	BUG_ON(!ep->out);
	return ep->out;
}

/* An endpoint at rest has no buffer. */
static void free_out(struct endpoint *ep)
{
	if (ep->out)
		evbuffer_free(ep->out);
	ep->out = NULL;
}

void endpoint_drop_pipe(struct endpoint *ep)
{
	if (!ep->pipe)
		return;
	pipe_pool_give(&ep->ground->pipes, ep->pipe);
	ep->pipe = NULL;
}

void endpoint_lose_unsent(struct endpoint *ep)
{
	size_t lost = endpoint_unsent(ep);

	endpoint_drop_pipe(ep);
	free_out(ep);
	flow_sent(ep->to, lost);
}

void endpoint_die(struct endpoint *ep, int error)
{
	if (ep->error)
		return;
	ep->error = error;
	ep->readable = true; /* what came before the RST is still to be read */
	endpoint_lose_unsent(ep);
}

bool endpoint_note_sent(struct endpoint *ep, ssize_t n)
{
	if (n >= 0) {
		ep->sent += (uint64_t)n;
		ack_debts_settle(&ep->ground->debts, &ep->debt);
		flow_sent(ep->to, (size_t)n);
	} else if (errno == EAGAIN) {
		ep->writable = false;
	} else if (errno != EINTR) {
		endpoint_die(ep, errno);
	}
	return ep->writable && !ep->error;
}

static void write_pipe(struct endpoint *ep)
{
	bool more = ep->writable;

	while (more && ep->pipe && ep->pipe->held) {
		ssize_t n = splice(ep->pipe->out, NULL, ep->fd, NULL, ep->pipe->held,
				   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

		if (n > 0)
			ep->pipe->held -= (size_t)n;
		more = endpoint_note_sent(ep, n);
	}
	if (ep->pipe && !ep->pipe->held)
		endpoint_drop_pipe(ep);
}

static bool send_some(struct endpoint *ep)
{
	ssize_t n = ep->io->ops->write(ep->io, ep->out);

	if (n > 0)
		evbuffer_drain(ep->out, (size_t)n);
	if (n > 0 && !evbuffer_get_length(ep->out))
		free_out(ep);
	return endpoint_note_sent(ep, n);
}

void endpoint_write(struct endpoint *ep)
{
	if (ep->fd == -1 || ep->error || !ep->ready)
		return;
	if (ep->pipe)
		write_pipe(ep);
	while (!ep->pipe && ep->writable && !ep->error && ep->out && send_some(ep))
		;
	if (ep->ending != END_FIN || ep->fin_sent || endpoint_unsent(ep) || ep->error)
		return;
	if (!ep->abrupt && !ep->io->ops->finish(ep->io)) {
		ep->writable = false;
		return;
	}
	ep->fin_sent = true;
	shutdown(ep->fd, SHUT_WR);
}
