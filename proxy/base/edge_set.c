/* edge_set.c - epoll, edge-triggered; added once and never changed, so that a pause costs no system
 * call. */
#include "proxy/base/edge_set.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Edges of one run. Each may be a quarter of a megabyte's work (TURN_BYTES), and others wait. */
#define BATCH 32

struct edge_set {
	int fd;
	int n, next; /* of the present run: edges in all, and the first that isn't told yet */
	struct epoll_event batch[BATCH];
};

struct edge_set *edge_set_new(void)
{
	struct edge_set *s = xcalloc(1, sizeof(*s));

	s->fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->fd != -1)
		return s;
	free(s);
	return NULL;
}

void edge_set_free(struct edge_set *s)
{
	if (!s)
		return;
	close(s->fd);
	free(s);
}

int edge_set_fd(const struct edge_set *s)
{
	return s->fd;
}

static int change_set(struct edge_set *s, int op, struct edge_watch *at, int fd)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET,
				.data.ptr = at};

	return epoll_ctl(s->fd, op, fd, &e);
}

int edge_set_add(struct edge_set *s, struct edge_watch *at, int fd)
{
	return change_set(s, EPOLL_CTL_ADD, at, fd);
}

/* A descriptor is at most once in a run, and told by then. */
int edge_set_take(struct edge_set *s, struct edge_watch *at, int fd)
{
	if (change_set(s, EPOLL_CTL_MOD, at, fd) == 0)
		return 0;
	return errno == ENOENT ? edge_set_add(s, at, fd) : -1;
}

void edge_set_remove(struct edge_set *s, struct edge_watch *at, int fd)
{
	epoll_ctl(s->fd, EPOLL_CTL_DEL, fd, NULL);
	for (int i = s->next; i < s->n; i++)
		if (s->batch[i].data.ptr == at)
			s->batch[i].data.ptr = NULL;
}

/* An error is heard by reading as well as by writing. */
static unsigned edges_of(uint32_t events)
{
	unsigned edges = 0;

	if (events & (EPOLLERR | EPOLLHUP))
		edges |= EDGE_IN | EDGE_OUT | EDGE_END;
	if (events & EPOLLRDHUP)
		edges |= EDGE_IN | EDGE_END;
	if (events & EPOLLIN)
		edges |= EDGE_IN;
	if (events & EPOLLOUT)
		edges |= EDGE_OUT;
	if (events & EPOLLPRI)
		edges |= EDGE_IN | EDGE_URGENT;
	return edges;
}

unsigned edge_set_run(struct edge_set *s)
{
	int n = epoll_wait(s->fd, s->batch, BATCH, 0);

	if (n <= 0)
		return 0;
	s->n = n;
	for (s->next = 0; s->next < n;) {
		const struct epoll_event *e = &s->batch[s->next++];
		struct edge_watch *at = e->data.ptr;

		if (at)
			at->fn(at->arg, edges_of(e->events));
	}
	s->n = s->next = 0;
	return (unsigned)n;
}
