/* talk.c - bytes that the kernel doesn't take at once wait in a buffer that grows. */
#include "scenarios/workload/talk.h"

#include "proxy/base/mem.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void talk_init(struct talk *t)
{
	memset(t, 0, sizeof(*t));
	t->fd = -1;
}

static void give_room(struct talk *t)
{
	if (!t->in)
		t->in = xcalloc(1, TALK_IN_MAX + 1);
}

int talk_connect(struct talk *t, const struct addr *to, const struct addr *from, struct err *e)
{
	int fd = sock_connect(to, from, e);

	if (fd == -1)
		return -1;
	give_room(t);
	t->fd = fd;
	t->connecting = true;
	return 0;
}

void talk_accept(struct talk *t, int fd)
{
	give_room(t);
	t->fd = fd;
}

void talk_secure(struct talk *t, struct secure_context *c)
{
	BUG_ON(t->secure || t->nin || t->sent < t->nout);
	t->secure = secure_begin(c, t->fd);
	t->securing = true;
}

static bool is_reading(const struct talk *t)
{
	return !t->ended && !t->hold && (!t->out_max || t->nout - t->sent <= t->out_max);
}

short talk_events(const struct talk *t)
{
	if (t->connecting)
		return POLLOUT;
	if (t->securing)
		return secure_events(t->secure);
	return (short)((is_reading(t) ? POLLIN : 0) | (t->sent < t->nout ? POLLOUT : 0));
}

/* Sends what waits. -1 with errno when the connection is no use any more. */
static int flush_out(struct talk *t)
{
	while (t->sent < t->nout) {
		ssize_t n = secure_send(t->secure, t->fd, t->out + t->sent, t->nout - t->sent);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		t->sent += (size_t)n;
		t->bytes_out += (uint64_t)n;
	}
	t->sent = t->nout = 0;
	return 0;
}

static enum talk_event read_some(struct talk *t)
{
	ssize_t n;

	if (TALK_IN_MAX - t->nin < (t->secure ? SECURE_RECORD : 1)) {
		errno = EMSGSIZE;
		return TALK_ERROR;
	}
	n = secure_recv(t->secure, t->fd, t->in + t->nin, TALK_IN_MAX - t->nin);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? TALK_NOTHING : TALK_ERROR;
	if (n == 0) {
		t->ended = true;
		return TALK_EOF;
	}
	t->nin += (size_t)n;
	t->in[t->nin] = '\0';
	t->bytes_in += (uint64_t)n;
	return TALK_DATA;
}

static enum talk_event secure_some(struct talk *t)
{
	int rc = secure_handshake(t->secure);

	if (rc == 0)
		return TALK_NOTHING;
	if (rc == -1)
		return errno ? TALK_ERROR : TALK_EOF;
	t->securing = false;
	return flush_out(t) == -1 ? TALK_ERROR : TALK_SECURED;
}

enum talk_event talk_turn(struct talk *t)
{
	int error;

	if (t->connecting) {
		error = sock_take_error(t->fd);
		if (error) {
			errno = error;
			return TALK_ERROR;
		}
		t->connecting = false;
		return TALK_CONNECTED;
	}
	if (t->securing)
		return secure_some(t);
	if (flush_out(t) == -1)
		return TALK_ERROR;
	if (is_reading(t))
		return read_some(t);
	errno = sock_take_error(t->fd); /* of a reset, which no read tells */
	return errno ? TALK_ERROR : TALK_NOTHING;
}

/* Drops what is sent, once that is as much as what isn't. */
static void drop_sent(struct talk *t)
{
	if (t->sent < t->nout - t->sent)
		return;
	memmove(t->out, t->out + t->sent, t->nout - t->sent);
	t->nout -= t->sent;
	t->sent = 0;
}

void talk_write(struct talk *t, const void *data, size_t len)
{
	if (t->fd == -1)
		return;
	if (t->sent)
		drop_sent(t);
	t->out = xrealloc(t->out, t->nout + len, 1);
	memcpy(t->out + t->nout, data, len);
	t->nout += len;
	if (t->connecting || t->securing)
		return;
	(void)flush_out(t); /* an error is told by the next turn */
}

void talk_take(struct talk *t, size_t n)
{
	BUG_ON(n > t->nin);
	memmove(t->in, t->in + n, t->nin - n + 1);
	t->nin -= n;
}

void talk_close(struct talk *t)
{
	secure_end(t->secure);
	if (t->fd != -1)
		close(t->fd);
	free(t->in);
	free(t->out);
	*t = (struct talk){.fd = -1, .bytes_in = t->bytes_in, .bytes_out = t->bytes_out};
}
