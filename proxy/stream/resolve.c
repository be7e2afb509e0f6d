/* resolve.c - getaddrinfo in a thread per name being asked for. A thread knows its query and the
 * mailbox for finished ones, and nothing else of wedge. */
#include "proxy/stream/resolve.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <event2/event.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

TAILQ_HEAD(lookup_list, lookup);
TAILQ_HEAD(query_list, query);

struct query {
	struct host_port name;
	struct mailbox *box;
	struct lookup_list waiting; /* the loop's alone */
	struct addr *addrs;	    /* the thread's until the query is in the mailbox */
	size_t n;
	char error[128];
	TAILQ_ENTRY(query) entry; /* in the resolver's list */
	struct query *next;	  /* in the mailbox */
};

/* Where threads put finished queries; outlives the resolver as long as a thread needs it. */
struct mailbox {
	pthread_mutex_t lock;
	int fd; /* eventfd: something is in it */
	unsigned users;
	bool closed; /* nobody reads it any more */
	struct query *first;
};

struct resolver {
	struct mailbox *box;
	struct event *event;
	struct query_list asked;
};

static void query_free(struct query *q)
{
	free(q->addrs);
	free(q);
}

/* Leaves the mailbox locked by the caller; the last one frees it. */
static void mailbox_leave(struct mailbox *box)
{
	bool last = --box->users == 0;

	pthread_mutex_unlock(&box->lock);
	if (!last)
		return;
	if (box->fd != -1)
		close(box->fd);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

static void query_answer(struct query *q)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct addrinfo *list = NULL, *ai;
	size_t n = 0;
	int rc = getaddrinfo(q->name.host, NULL, &hints, &list);

	if (rc) {
		snprintf(q->error, sizeof(q->error), "%s",
			 rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return;
	}
	for (ai = list; ai; ai = ai->ai_next)
		n++;
	q->addrs = xcalloc(n, sizeof(*q->addrs));
	for (ai = list; ai; ai = ai->ai_next) {
		struct addr *a = &q->addrs[q->n];

		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memcpy(&a->in6, ai->ai_addr, ai->ai_addrlen);
		a->len = ai->ai_addrlen;
		addr_set_port(a, q->name.port);
		q->n++;
	}
	freeaddrinfo(list);
}

/* Gives the query away. */
static void mailbox_put(struct query *q)
{
	struct mailbox *box = q->box;
	uint64_t one = 1;

	pthread_mutex_lock(&box->lock);
	if (box->closed) {
		query_free(q);
	} else {
		q->next = box->first;
		box->first = q;
		BUG_ON(write(box->fd, &one, sizeof(one)) != sizeof(one));
	}
	mailbox_leave(box);
}

static void *query_thread(void *arg)
{
	query_answer(arg);
	mailbox_put(arg);
	return NULL;
}

/* Signals belong to the loop's thread. */
static int query_start(struct query *q)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, query_thread, q);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void query_report(struct resolver *r, struct query *q)
{
	struct lookup *lu;

	TAILQ_REMOVE(&r->asked, q, entry);
	while ((lu = TAILQ_FIRST(&q->waiting))) {
		lookup_cancel(lu);
		lu->fn(lu->arg, q->addrs, q->n, q->n ? NULL : q->error);
	}
	query_free(q);
}

static struct query *mailbox_empty(struct mailbox *box)
{
	struct query *q = box->first;

	box->first = NULL;
	return q;
}

static void answers_cb(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;
	struct query *q, *next;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) != sizeof(n))
		return;
	pthread_mutex_lock(&r->box->lock);
	q = mailbox_empty(r->box);
	pthread_mutex_unlock(&r->box->lock);
	for (; q; q = next) {
		next = q->next;
		query_report(r, q);
	}
}

struct resolver *resolver_new(struct loop *loop, struct err *e)
{
	struct resolver *r = xcalloc(1, sizeof(*r));

	TAILQ_INIT(&r->asked);
	r->box = xcalloc(1, sizeof(*r->box));
	r->box->users = 1;
	pthread_mutex_init(&r->box->lock, NULL);
	r->box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (r->box->fd != -1)
		r->event = loop_watch(loop, r->box->fd, EV_READ | EV_PERSIST, answers_cb, r);
	if (r->event)
		return r;
	err_errno(e, "the resolver's mailbox");
	resolver_free(r);
	return NULL;
}

/* Queries still with their threads are freed by them. */
void resolver_free(struct resolver *r)
{
	struct query *q, *next;

	if (!r)
		return;
	if (r->event)
		event_free(r->event);
	pthread_mutex_lock(&r->box->lock);
	r->box->closed = true;
	q = mailbox_empty(r->box);
	mailbox_leave(r->box);
	for (; q; q = next) {
		next = q->next;
		query_free(q);
	}
	free(r);
}

void resolver_ask(struct resolver *r, const struct host_port *name, struct lookup *lu)
{
	struct query *q;
	int rc;

	TAILQ_FOREACH (q, &r->asked, entry)
		if (q->name.port == name->port && strcmp(q->name.host, name->host) == 0)
			break;
	if (!q) {
		q = xcalloc(1, sizeof(*q));
		q->name = *name;
		q->box = r->box;
		TAILQ_INIT(&q->waiting);
		TAILQ_INSERT_TAIL(&r->asked, q, entry);
		pthread_mutex_lock(&r->box->lock);
		r->box->users++;
		pthread_mutex_unlock(&r->box->lock);
		rc = query_start(q);
		if (rc) { /* no thread to be had: answered at once, by way of the mailbox */
			snprintf(q->error, sizeof(q->error), "%s", strerror(rc));
			mailbox_put(q);
		}
	}
	lu->query = q;
	TAILQ_INSERT_TAIL(&q->waiting, lu, entry);
}

void lookup_cancel(struct lookup *lu)
{
	if (!lu->query)
		return;
	TAILQ_REMOVE(&lu->query->waiting, lu, entry);
	lu->query = NULL;
}
