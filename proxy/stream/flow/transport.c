/* transport.c - the plain transport: one call of the kernel each. */
#include "proxy/stream/flow/transport.h"

#include "proxy/stream/flow/urgent.h"

#include <event2/buffer.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define WRITE_PIECES 16

static enum leg_setup plain_setup(struct transport *t)
{
	(void)t;
	return LEG_SETUP_DONE;
}

static ssize_t plain_read(struct transport *t, void *p, size_t n)
{
	return recv(t->fd, p, n, 0);
}

/* The pieces before the first urgent byte: the kernel points behind the last byte of a call. */
static size_t count_ordinary(const struct evbuffer_iovec *piece, size_t pieces)
{
	size_t n = 0;

	while (n < pieces && !urgent_is_at(piece[n].iov_base))
		n++;
	return n;
}

static ssize_t plain_write(struct transport *t, struct evbuffer *out)
{
	struct evbuffer_iovec piece[WRITE_PIECES];
	struct iovec iov[WRITE_PIECES];
	struct msghdr msg = {.msg_iov = iov};
	int pieces = evbuffer_peek(out, -1, NULL, piece, WRITE_PIECES);

	msg.msg_iovlen = (size_t)(pieces < WRITE_PIECES ? pieces : WRITE_PIECES);
	if (t->urgent) {
		if (urgent_is_at(piece[0].iov_base))
			return send(t->fd, piece[0].iov_base, 1, MSG_OOB | MSG_NOSIGNAL);
		msg.msg_iovlen = count_ordinary(piece, msg.msg_iovlen);
	}
	for (size_t i = 0; i < msg.msg_iovlen; i++)
		iov[i] = (struct iovec){.iov_base = piece[i].iov_base, .iov_len = piece[i].iov_len};
	return sendmsg(t->fd, &msg, MSG_NOSIGNAL);
}

static bool plain_finish(struct transport *t)
{
	(void)t;
	return true;
}

const struct transport_ops transport_plain = {
    .clear = true,
    .setup = plain_setup,
    .read = plain_read,
    .write = plain_write,
    .finish = plain_finish,
};
