/* pipe_pool.c - what lies unused for a second is closed: a process at rest has no pipes. */
#include "proxy/stream/pipe_pool.h"

#include "proxy/base/mem.h"

#include <fcntl.h>
#include <unistd.h>

#define PIPE_BYTES (256 << 10) /* what a flow may hold (FLOW_HOLD_LIMIT) */
#define LOOK_EVERY NS_PER_S

static void close_pipe(struct pipe *pipe)
{
	close(pipe->in);
	close(pipe->out);
	free(pipe);
}

static void close_free(struct pipe_pool *p, unsigned n)
{
	while (n--) {
		struct pipe *pipe = SLIST_FIRST(&p->free);

		SLIST_REMOVE_HEAD(&p->free, entry);
		p->nfree--;
		close_pipe(pipe);
	}
}

static void close_unused(void *arg, int64_t now)
{
	struct pipe_pool *p = arg;

	close_free(p, p->spare);
	p->spare = p->nfree;
	if (p->nfree)
		timer_arm(p->env->timers, &p->timer, now + LOOK_EVERY);
}

void pipe_pool_init(struct pipe_pool *p, const struct env *env)
{
	*p = (struct pipe_pool){.env = env};
	p->timer.fn = close_unused;
	p->timer.arg = p;
	SLIST_INIT(&p->free);
}

void pipe_pool_fini(struct pipe_pool *p)
{
	timer_cancel(p->env->timers, &p->timer);
	close_free(p, p->nfree);
}

/* A kernel that refuses the size has given the pipe its own, which only means more calls. */
static struct pipe *open_pipe(void)
{
	struct pipe *pipe;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) == -1)
		return NULL;
	(void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES);
	pipe = xcalloc(1, sizeof(*pipe));
	pipe->out = fd[0];
	pipe->in = fd[1];
	return pipe;
}

struct pipe *pipe_pool_take(struct pipe_pool *p)
{
	struct pipe *pipe = SLIST_FIRST(&p->free);

	if (pipe) {
		SLIST_REMOVE_HEAD(&p->free, entry);
		p->nfree--;
		p->spare = p->nfree < p->spare ? p->nfree : p->spare;
	} else if (p->nlent < PIPE_POOL_MAX) {
		pipe = open_pipe();
	}
	p->nlent += pipe != NULL;
	return pipe;
}

void pipe_pool_give(struct pipe_pool *p, struct pipe *pipe)
{
	p->nlent--;
	if (pipe->held) {
		close_pipe(pipe);
		return;
	}
	SLIST_INSERT_HEAD(&p->free, pipe, entry);
	if (p->nfree++ == 0 && !timer_armed(&p->timer)) {
		p->spare = 0;
		timer_arm(p->env->timers, &p->timer, clock_now(p->env->clock) + LOOK_EVERY);
	}
}
