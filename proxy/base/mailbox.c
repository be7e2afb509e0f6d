/* mailbox.c - a list under a lock, and an eventfd that the loop reads. */
#include "proxy/base/mailbox.h"

#include "proxy/base/mem.h"

#include <event2/event.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

struct call {
	void (*fn)(void *arg);
	void *arg;
	bool *done; /* set under the lock when it has been made; NULL: nobody waits */
	STAILQ_ENTRY(call) entry;
};

STAILQ_HEAD(call_list, call);

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t made;
	struct call_list calls;
	int bell; /* eventfd */
	struct event *event;
};

void mailbox_run(struct mailbox *m)
{
	struct call_list now = STAILQ_HEAD_INITIALIZER(now);
	struct call *c;

	pthread_mutex_lock(&m->lock);
	STAILQ_CONCAT(&now, &m->calls);
	pthread_mutex_unlock(&m->lock);
	while ((c = STAILQ_FIRST(&now))) {
		STAILQ_REMOVE_HEAD(&now, entry);
		c->fn(c->arg);
		if (c->done) {
			pthread_mutex_lock(&m->lock);
			*c->done = true;
			pthread_cond_broadcast(&m->made);
			pthread_mutex_unlock(&m->lock);
		}
		free(c);
	}
}

static void bell_cb(evutil_socket_t fd, short what, void *arg)
{
	uint64_t rings;

	(void)what;
	if (read(fd, &rings, sizeof(rings)) == sizeof(rings))
		mailbox_run(arg);
}

struct mailbox *mailbox_new(struct loop *loop, struct err *e)
{
	struct mailbox *m = xcalloc(1, sizeof(*m));

	m->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->bell != -1)
		m->event = loop_watch(loop, m->bell, EV_READ | EV_PERSIST, bell_cb, m);
	if (!m->event) {
		err_errno(e, "a thread's mailbox");
		if (m->bell != -1)
			close(m->bell);
		free(m);
		return NULL;
	}
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->made, NULL);
	STAILQ_INIT(&m->calls);
	return m;
}

void mailbox_free(struct mailbox *m)
{
	if (!m)
		return;
	mailbox_run(m);
	event_free(m->event);
	close(m->bell);
	pthread_cond_destroy(&m->made);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static void put_call(struct mailbox *m, void (*fn)(void *arg), void *arg, bool *done)
{
	struct call *c = xcalloc(1, sizeof(*c));
	const uint64_t ring = 1;

	c->fn = fn;
	c->arg = arg;
	c->done = done;
	STAILQ_INSERT_TAIL(&m->calls, c, entry);
	BUG_ON(write(m->bell, &ring, sizeof(ring)) != sizeof(ring));
}

void mailbox_post(struct mailbox *m, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&m->lock);
	put_call(m, fn, arg, NULL);
	pthread_mutex_unlock(&m->lock);
}

void mailbox_call(struct mailbox *m, void (*fn)(void *arg), void *arg)
{
	bool done = false;

	pthread_mutex_lock(&m->lock);
	put_call(m, fn, arg, &done);
	while (!done)
		pthread_cond_wait(&m->made, &m->lock);
	pthread_mutex_unlock(&m->lock);
}
