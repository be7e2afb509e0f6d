/* loop.c - libevent for descriptors, an own epoll for sockets with many edges, a timerfd for time,
 * a list for the end of the turn. */
#include "proxy/base/loop.h"

#include "proxy/base/edge_set.h"
#include "proxy/base/mem.h"

#include <errno.h>
#include <event2/event.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct deferred {
	void (*fn)(void *arg);
	void *arg;
};

struct deferred_list {
	struct deferred *v;
	size_t n, room;
};

struct loop {
	struct event_base *base;
	struct timerq *timers;
	struct event *alarm;
	struct edge_set *edge_set;
	struct event *edges; /* edge_set has some */
	unsigned told;	     /* told by its last run */
	unsigned hurried;    /* turns since libevent had one */
	int64_t hurry_end;   /* of them, by their time */
	int alarm_fd;
	int64_t alarm_at; /* what the timerfd is set to; INT64_MAX when it is off */
	/* Two lists: work deferred by deferred work belongs to the next turn. */
	struct deferred_list waiting, running;
	bool stop;
};

/* An idle processor takes 0.1 to 0.2 ms to wake up (measured on virtual machines that halt), and
 * its caches are cold then. Ahead of a sharp timer the loop wakes up this much earlier, and doesn't
 * sleep again until the timer is due. */
#define WAKE_EARLIER (250 * NS_PER_US)

/* So many edges in a run of the set promise some in the next one; after so many turns, or so long,
 * in which only the set was looked at it is everybody else's turn. */
#define MANY_EDGES    2
#define HURRIED_TURNS 8
#define HURRIED_TIME  (2 * NS_PER_MS)

static bool awaits_sharp_timer(const struct loop *l)
{
	return timerq_next_is_sharp(l->timers) &&
	       timerq_next(l->timers) - clock_now(&clock_monotonic) <= WAKE_EARLIER;
}

/* Once a turn, before it waits: within a turn the next due time may change thousands of times. An
 * alarm that rings too early is left, and the next one is set when it has rung: a due time that is
 * put off again and again costs no system call. */
static void alarm_set(struct loop *l)
{
	int64_t next = timerq_next(l->timers), at;
	struct itimerspec spec = {0};

	if (timerq_next_is_sharp(l->timers))
		next -= WAKE_EARLIER;
	if (next >= l->alarm_at)
		return;
	l->alarm_at = next;
	at = next > 0 ? next : 1; /* zero would switch the timerfd off */
	spec.it_value.tv_sec = (time_t)(at / NS_PER_S);
	spec.it_value.tv_nsec = (long)(at % NS_PER_S);
	BUG_ON(timerfd_settime(l->alarm_fd, TFD_TIMER_ABSTIME, &spec, NULL) == -1);
}

static void alarm_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t expirations;

	(void)what;
	/* EAGAIN: set anew by a callback of this same turn; it will ring again. */
	if (read(fd, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	l->alarm_at = INT64_MAX;
	timerq_run(l->timers, clock_now(&clock_monotonic));
}

static void edges_cb(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)what;
	l->told = edge_set_run(l->edge_set);
}

/* PRECISE_TIMER is for libevent's own users (evdns); NOLOCK since a loop belongs to one thread. */
static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (!config)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NOLOCK);
	event_config_require_features(config, EV_FEATURE_ET);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* Keeps errno, of which a caller is told after this. */
static void print_libevent(int severity, const char *text)
{
	int error = errno;

	if (severity >= EVENT_LOG_WARN)
		fprintf(stderr, "wedge: libevent: %s\n", text);
	errno = error;
}

/* libevent would end with 1, which is a verdict; its reason was printed. */
static void end_for_libevent(int why)
{
	if (why != 1) /* an assertion of libevent's own */
		abort();
	exit(2);
}

struct loop *loop_new(struct err *e)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	event_set_log_callback(print_libevent);
	event_set_fatal_callback(end_for_libevent);
	l->alarm_at = INT64_MAX;
	l->timers = timerq_new();
	l->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->alarm_fd == -1) {
		err_errno(e, "timerfd_create");
		goto fail;
	}
	if (prctl(PR_SET_TIMERSLACK, 1UL) == -1) {
		err_errno(e, "prctl(PR_SET_TIMERSLACK)");
		goto fail;
	}
	l->edge_set = edge_set_new();
	if (!l->edge_set) {
		err_errno(e, "epoll_create1");
		goto fail;
	}
	l->base = base_new();
	if (!l->base) {
		err_set(e, "libevent can't start an event loop with epoll");
		goto fail;
	}
	l->alarm = loop_watch(l, l->alarm_fd, EV_READ | EV_PERSIST, alarm_cb, l);
	if (l->alarm)
		l->edges =
		    loop_watch(l, edge_set_fd(l->edge_set), EV_READ | EV_PERSIST, edges_cb, l);
	if (l->edges)
		return l;
	err_errno(e, "the event loop can't watch its own descriptors");
fail:
	loop_free(l);
	return NULL;
}

struct event *loop_watch(struct loop *l, int fd, short what,
			 void (*fn)(int fd, short what, void *arg), void *arg)
{
	struct event *ev = event_new(l->base, fd, what, fn, arg);
	int error;

	BUG_ON(!ev);
	if (event_add(ev, NULL) == 0)
		return ev;
	error = errno;
	event_free(ev);
	errno = error;
	return NULL;
}

static void run_deferred(struct loop *l)
{
	struct deferred_list now = l->waiting;

	l->waiting = l->running;
	l->running = now;
	for (size_t i = 0; i < now.n; i++)
		now.v[i].fn(now.v[i].arg);
	l->running.n = 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->waiting.n)
		run_deferred(l);
	free(l->waiting.v);
	free(l->running.v);
	if (l->alarm)
		event_free(l->alarm);
	if (l->edges)
		event_free(l->edges);
	if (l->base)
		event_base_free(l->base);
	edge_set_free(l->edge_set);
	if (l->alarm_fd != -1)
		close(l->alarm_fd);
	timerq_free(l->timers);
	free(l);
}

struct event_base *loop_base(struct loop *l)
{
	return l->base;
}

struct edge_set *loop_edges(struct loop *l)
{
	return l->edge_set;
}

struct timerq *loop_timers(struct loop *l)
{
	return l->timers;
}

const struct clock *loop_clock(struct loop *l)
{
	(void)l;
	return &clock_monotonic;
}

void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct deferred_list *list = &l->waiting;

	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->v = xrealloc(list->v, list->room, sizeof(*list->v));
	}
	list->v[list->n++] = (struct deferred){.fn = fn, .arg = arg};
}

/* Where sockets have many edges, most turns look only at them: one system call. True when the turn
 * is done. */
static bool hurry_turn(struct loop *l)
{
	if (l->told < MANY_EDGES || l->hurried >= HURRIED_TURNS ||
	    clock_now(&clock_monotonic) >= l->hurry_end)
		return false;
	l->told = edge_set_run(l->edge_set);
	if (!l->told)
		return false;
	l->hurried++;
	if (timerq_next(l->timers) != INT64_MAX)
		timerq_run(l->timers, clock_now(&clock_monotonic));
	return true;
}

/* One EVLOOP_ONCE: waits, then every active callback. It doesn't wait when work is left. */
static int libevent_turn(struct loop *l)
{
	bool awake = awaits_sharp_timer(l);
	int flags = l->waiting.n || awake ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE;

	l->hurried = 0;
	if (!awake)
		alarm_set(l);
	if (event_base_loop(l->base, flags) == -1)
		return -1;
	if (awake)
		timerq_run(l->timers, clock_now(&clock_monotonic));
	l->hurry_end = clock_now(&clock_monotonic) + HURRIED_TIME;
	return 0;
}

int loop_run(struct loop *l)
{
	int result = 0;

	while (!l->stop && result == 0) {
		if (!hurry_turn(l))
			result = libevent_turn(l);
		run_deferred(l);
	}
	l->stop = false;
	return result;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}
