/* transport.c - the plain transport: one call of the kernel each. */
#include "proxy/stream/flow/transport.h"

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

static ssize_t plain_write(struct transport *t, struct evbuffer *out)
{
	struct evbuffer_iovec piece[WRITE_PIECES];
	struct iovec iov[WRITE_PIECES];
	struct msghdr msg = {.msg_iov = iov};
	int pieces = evbuffer_peek(out, -1, NULL, piece, WRITE_PIECES);

	msg.msg_iovlen = (size_t)(pieces < WRITE_PIECES ? pieces : WRITE_PIECES);
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
    .setup = plain_setup,
    .read = plain_read,
    .write = plain_write,
    .finish = plain_finish,
};
