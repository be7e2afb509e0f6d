/* workers.c - the first worker's thread has the others do things by their mailboxes, and waits for
 * each: a turn of a loop is bounded. So all changes are made by one thread, one after another. */
#include "proxy/service/workers.h"

#include "proxy/base/mailbox.h"
#include "proxy/base/mem.h"
#include "proxy/base/processors.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_accept.h"
#include "proxy/engine/engine_adopt.h"
#include "proxy/stream/session_commons.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define WORKER_DESCRIPTORS 128 /* ten, and as many sessions as make it worth while */

/* One of the others. */
struct worker {
	struct workers *all;
	pthread_t thread;
	bool started, up; /* its thread is there; its loop runs, or will */
	struct loop *loop;
	struct mailbox *box;
	struct service *service;
	/* What it is told, and tells, by a call. */
	const struct config *wanted;
	struct engine_clients clients;
	struct engine_stats stats;
	struct err why;
};

struct workers {
	struct workers_config config;
	struct session_commons *commons;
	struct service *first;
	struct mailbox *box; /* of the first one's loop; NULL without others */
	struct worker *other;
	size_t nothers;
	/* Of the drain. */
	size_t undrained;
	void (*drained)(void *arg);
	void *drained_arg;
	/* By which a new thread says that it is there, or has failed. */
	pthread_mutex_t lock;
	pthread_cond_t ready;
	size_t nready;
};

/* A connection on its way to the first worker. */
struct passage {
	struct workers *all;
	struct engine_arrival *arrival;
};

static void arrive_cb(void *arg)
{
	struct passage *p = arg;

	engine_arrive(service_engine(p->all->first), p->arrival);
	free(p);
}

/* In another worker's thread. */
static void pass_on(void *arg, struct engine_arrival *a)
{
	struct workers *w = arg;
	struct passage *p = xcalloc(1, sizeof(*p));

	p->all = w;
	p->arrival = a;
	mailbox_post(w->box, arrive_cb, p);
}

static struct service_env make_env(struct workers *w, struct loop *loop)
{
	return (struct service_env){.loop = loop,
				    .journal = w->config.journal,
				    .log = w->config.log,
				    .seed = w->config.seed,
				    .commons = w->commons,
				    .ops = w->config.ops,
				    .timed = w->config.timed,
				    .followed = loop == w->config.loop && w->config.n > 1,
				    .first = loop == w->config.loop ? NULL : w->first,
				    .pass_on = loop == w->config.loop ? NULL : pass_on,
				    .pass_on_arg = w};
}

static int prepare_worker(struct worker *wk)
{
	struct service_env env;

	wk->loop = loop_new(&wk->why);
	if (!wk->loop)
		return -1;
	wk->box = mailbox_new(wk->loop, &wk->why);
	if (!wk->box)
		return -1;
	env = make_env(wk->all, wk->loop);
	wk->service = service_new(&env, &wk->why);
	return wk->service ? 0 : -1;
}

static void report_ready(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->nready++;
	pthread_cond_signal(&w->ready);
	pthread_mutex_unlock(&w->lock);
}

static void *worker_thread(void *arg)
{
	struct worker *wk = arg;
	struct err e;

	wk->up = prepare_worker(wk) == 0;
	report_ready(wk->all);
	if (wk->up && loop_run(wk->loop) == -1)
		log_error(wk->all->config.log, "a worker's event loop failed");
	if (service_end(wk->service, &e) == -1)
		log_error(wk->all->config.log, "%s", e.text);
	mailbox_free(wk->box);
	loop_free(wk->loop);
	return NULL;
}

static int start_thread(struct worker *wk, struct err *e)
{
	struct workers *w = wk->all;
	size_t before = w->nready;
	int rc = pthread_create(&wk->thread, NULL, worker_thread, wk);

	if (rc)
		return err_set(e, "no thread for a worker: %s", strerror(rc));
	wk->started = true;
	pthread_mutex_lock(&w->lock);
	while (w->nready == before)
		pthread_cond_wait(&w->ready, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return wk->up ? 0 : err_set(e, "a worker can't start: %s", wk->why.text);
}

/* Signals belong to the first worker. */
static int start_others(struct workers *w, struct err *e)
{
	sigset_t all, before;
	int rc = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < w->nothers && rc == 0; i++) {
		w->other[i].all = w;
		rc = start_thread(&w->other[i], e);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

size_t workers_default(void)
{
	struct rlimit limit = {0};
	size_t n = processors_count(), most;

	getrlimit(RLIMIT_NOFILE, &limit);
	most = (size_t)limit.rlim_cur / WORKER_DESCRIPTORS + 1;
	n = n < most ? n : most;
	return n < CONFIG_WORKERS_MAX ? n : CONFIG_WORKERS_MAX;
}

struct workers *workers_new(const struct workers_config *config, struct err *e)
{
	struct workers *w = xcalloc(1, sizeof(*w));
	struct service_env env;
	struct err ignored;

	w->config = *config;
	w->commons = session_commons_new((size_t)config->hold_limit);
	w->nothers = config->n - 1;
	w->other = xcalloc(w->nothers + 1, sizeof(*w->other));
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->ready, NULL);
	env = make_env(w, config->loop);
	w->first = service_new(&env, e);
	if (w->first && w->nothers)
		w->box = mailbox_new(config->loop, e);
	if (w->first && (!w->nothers || w->box) && start_others(w, e) == 0)
		return w;
	workers_end(w, &ignored);
	return NULL;
}

struct service *workers_first(struct workers *w)
{
	return w->first;
}

size_t workers_count(const struct workers *w)
{
	return w->nothers + 1;
}

/* Without a listener of its own it can do with what it has. */
static void follow_cb(void *arg)
{
	struct worker *wk = arg;

	if (service_follow(wk->service, wk->wanted, true, &wk->why) == 0)
		return;
	log_warn(wk->all->config.log, "a worker leaves new sessions to the others: %s",
		 wk->why.text);
	if (service_follow(wk->service, wk->wanted, false, &wk->why) == -1)
		log_error(wk->all->config.log, "a worker's sessions aren't changed: %s",
			  wk->why.text);
}

/* Has each of the others do fn, one after another. */
static void call_others(struct workers *w, void (*fn)(void *worker))
{
	for (size_t i = 0; i < w->nothers; i++)
		mailbox_call(w->other[i].box, fn, &w->other[i]);
}

static void mark_cb(void *arg)
{
	struct worker *wk = arg;

	engine_mark(service_engine(wk->service));
}

static void hand_over_cb(void *arg)
{
	struct worker *wk = arg;

	service_hand_over(wk->service, &wk->clients);
}

/* The first one's packet plane has begun, for the sessions of all. No packet is looked at
 * meanwhile: that is done by this thread. */
static void adopt_others(struct workers *w)
{
	call_others(w, hand_over_cb);
	for (size_t i = 0; i < w->nothers; i++) {
		engine_adopt(service_engine(w->first), &w->other[i].clients);
		engine_clients_fini(&w->other[i].clients);
	}
}

/* Rules that redirect this host's connections take those of wedge that have no mark. */
static bool wants_redirection(const struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->proxy[i].enabled && (enum proxy_mode)c->proxy[i].mode == PROXY_REDIRECT)
			return true;
	return false;
}

int workers_apply(struct workers *w, const struct config *wanted, struct service_diff *diff,
		  struct err *e)
{
	struct engine *engine = service_engine(w->first);
	bool saw = engine_sees_packets(engine);

	if (w->nothers && wants_redirection(wanted) && sock_may_mark())
		call_others(w, mark_cb);
	if (service_apply(w->first, wanted, diff, e) == -1)
		return -1;
	for (size_t i = 0; i < w->nothers; i++)
		w->other[i].wanted = wanted;
	call_others(w, follow_cb);
	if (!saw && engine_sees_packets(engine))
		adopt_others(w);
	return 0;
}

static void stats_cb(void *arg)
{
	struct worker *wk = arg;

	engine_stats(service_engine(wk->service), &wk->stats);
}

void workers_stats(struct workers *w, struct engine_stats *out)
{
	engine_stats(service_engine(w->first), out);
	for (size_t i = 0; i < w->nothers; i++) {
		const struct engine_stats *s = &w->other[i].stats;

		mailbox_call(w->other[i].box, stats_cb, &w->other[i]);
		out->sessions_accepted += s->sessions_accepted;
		out->sessions_open += s->sessions_open;
		for (int d = 0; d < DIR_COUNT; d++)
			out->bytes[d] += s->bytes[d];
	}
}

struct each_call {
	struct worker *worker;
	void (*fn)(struct service *s, void *arg);
	void *arg;
};

static void each_cb(void *arg)
{
	const struct each_call *c = arg;

	c->fn(c->worker->service, c->arg);
}

void workers_each(struct workers *w, void (*fn)(struct service *s, void *arg), void *arg)
{
	fn(w->first, arg);
	for (size_t i = 0; i < w->nothers; i++) {
		struct each_call call = {&w->other[i], fn, arg};

		mailbox_call(w->other[i].box, each_cb, &call);
	}
}

static void drained_cb(void *arg)
{
	struct workers *w = arg;

	if (--w->undrained == 0)
		w->drained(w->drained_arg);
}

/* In the worker's thread. */
static void other_drained_cb(void *arg)
{
	struct worker *wk = arg;

	mailbox_post(wk->all->box, drained_cb, wk->all);
}

static void drain_cb(void *arg)
{
	struct worker *wk = arg;

	engine_drain(service_engine(wk->service), other_drained_cb, wk);
}

void workers_drain(struct workers *w, void (*done)(void *arg), void *arg)
{
	w->undrained = workers_count(w);
	w->drained = done;
	w->drained_arg = arg;
	call_others(w, drain_cb);
	if (w->box)
		mailbox_run(w->box); /* what they have just passed on */
	engine_drain(service_engine(w->first), drained_cb, w);
}

static void reset_cb(void *arg)
{
	struct worker *wk = arg;

	engine_end(service_engine(wk->service));
}

void workers_reset(struct workers *w)
{
	call_others(w, reset_cb);
	engine_end(service_engine(w->first));
}

static void stop_cb(void *arg)
{
	loop_stop(arg);
}

static void end_others(struct workers *w)
{
	for (size_t i = 0; i < w->nothers; i++) {
		struct worker *wk = &w->other[i];

		if (!wk->started)
			continue;
		if (wk->up)
			mailbox_post(wk->box, stop_cb, wk->loop);
		pthread_join(wk->thread, NULL);
	}
}

int workers_end(struct workers *w, struct err *e)
{
	int rc;

	if (!w)
		return 0;
	end_others(w);
	mailbox_free(w->box); /* it may have what is the first one's */
	rc = service_end(w->first, e);
	session_commons_free(w->commons, w->config.log);
	pthread_cond_destroy(&w->ready);
	pthread_mutex_destroy(&w->lock);
	free(w->other);
	free(w);
	return rc;
}
