/* endpoint_pass.c - nothing overtakes: bytes are passed on only to a peer that has none to send,
 * and those that come later wait behind its pipe. */
#include "proxy/stream/endpoint_pass.h"

#include "proxy/stream/endpoint_send.h"
#include "proxy/stream/flow/flow_bypass.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <sys/socket.h>

#define SPLICE_FLAGS (SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

/* Both are plain sockets in the middle of their session. */
static bool may_pass(const struct endpoint *ep)
{
	const struct endpoint *to = ep->peer;

	return ep->may_pass && !ep->edit && !ep->error && ep->io == &ep->plain &&
	       to->io == &to->plain && to->fd != -1 && to->ready && !to->error && !to->killed &&
	       to->ending == END_NONE && !to->out;
}

bool endpoint_pass_bytes(struct endpoint *ep, const void *bytes, size_t n)
{
	struct endpoint *to = ep->peer;
	size_t sent;
	ssize_t k;

	if (!may_pass(ep) || to->pipe || !to->writable || flow_bypass(ep->from) < n)
		return false;
	flow_bypassed(ep->from, n);
	k = send(to->fd, bytes, n, MSG_NOSIGNAL);
	sent = k > 0 ? (size_t)k : 0;
	if (sent < n)
		BUG_ON(evbuffer_add(endpoint_out(to), (const char *)bytes + sent, n - sent) == -1);
	endpoint_note_sent(to, k);
	if (k > 0 && sent < n)
		to->writable = false; /* the kernel took a part, and will tell (epoll(7)) */
	flow_bypass_settle(ep->from, n);
	return true;
}

bool endpoint_may_splice(const struct endpoint *ep)
{
	return ep->choice.on && !ep->urgent_near && !ep->acks_later && may_pass(ep);
}

ssize_t endpoint_pass_pipe(struct endpoint *ep, size_t want)
{
	struct endpoint *to = ep->peer;
	size_t may = flow_bypass(ep->from);
	ssize_t n;

	if (!may)
		return 0;
	to->pipe = pipe_pool_take(&ep->ground->pipes);
	if (!to->pipe) {
		splice_choice_reset(&ep->choice);
		errno = ENOBUFS;
		return -1;
	}
	n = splice(ep->fd, NULL, to->pipe->in, NULL, want < may ? want : may, SPLICE_FLAGS);
	if (n <= 0) {
		int error = errno;

		endpoint_drop_pipe(to);
		if (n == -1 && error != EAGAIN)
			splice_choice_reset(&ep->choice);
		errno = error;
		return n;
	}
	splice_choice_note(&ep->choice, (size_t)n);
	to->pipe->held = (size_t)n;
	flow_bypassed(ep->from, (size_t)n);
	endpoint_write(to);
	flow_bypass_settle(ep->from, (size_t)n);
	return n;
}
