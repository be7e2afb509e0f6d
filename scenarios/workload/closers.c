/* closers.c - one list of descriptors; each waits for its end of file, or for its time. */
#include "scenarios/workload/closers.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void closers_add(struct closers *c, int fd, int64_t now)
{
	/* Refused where the connection is already over: its reset is read below. */
	(void)shutdown(fd, SHUT_WR);
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 16;
		c->v = xrealloc(c->v, c->room, sizeof(*c->v));
	}
	c->v[c->n++] = (struct closer){.fd = fd, .since = now};
}

void closers_watch(const struct closers *c, struct pollfd *fds, int64_t *due)
{
	for (size_t i = 0; i < c->n; i++) {
		fds[i] = (struct pollfd){.fd = c->v[i].fd, .events = POLLIN};
		if (c->v[i].since + c->patience < *due)
			*due = c->v[i].since + c->patience;
		if (c->last && c->last < *due)
			*due = c->last;
	}
}

/* True when the server has ended its side; what it still sends is thrown away. */
static bool has_ended(int fd)
{
	char waste[4096];
	ssize_t n = recv(fd, waste, sizeof(waste), 0);

	return n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}

void closers_turn(struct closers *c, const struct pollfd *fds, size_t n, int64_t now,
		  struct tally *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct closer *x = &c->v[i];

		if (i < n && fds[i].revents && has_ended(x->fd)) {
			json_array_append_new(c->closing, json_real(clock_seconds(now - x->since)));
			json_array_append_new(c->began, json_real(clock_seconds(x->since)));
			close(x->fd);
		} else if (x->since + c->patience <= now) {
			c->timeouts++;
			tally_error(t, "timed out in close: the server hasn't ended its side");
			close(x->fd);
		} else if (c->last && c->last <= now) {
			close(x->fd);
		} else {
			c->v[kept++] = *x;
		}
	}
	c->n = kept;
}

void closers_free(struct closers *c)
{
	for (size_t i = 0; i < c->n; i++)
		close(c->v[i].fd);
	free(c->v);
}
