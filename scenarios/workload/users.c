/* users.c - one poll loop over the connections of all users; each has a due time of their own. */
#include "scenarios/workload/users.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define FAILED_PAUSE (100 * NS_PER_MS) /* a dead server must not make us spin */
#define STOP_GRACE   (1 * NS_PER_S)    /* for exchanges under way at a stop */

const char *const users_arrivals_names[] = {"even", "poisson", NULL};

int users_check(const struct users_load *load, struct err *e)
{
	if (load->connections <= load->exchanges)
		return 0;
	return err_set(e, "connections: %llu users can't share %llu exchanges",
		       (unsigned long long)load->connections, (unsigned long long)load->exchanges);
}

int64_t users_vary(struct rng *r, int64_t mean, double share)
{
	if (share > 0)
		mean += (int64_t)((double)mean * share * (2 * rng_unit(r) - 1));
	return mean;
}

enum outcome users_outcome(int error, bool connecting)
{
	if (connecting)
		return OUTCOME_CONNECT;
	return error == ECONNRESET || error == EPIPE ? OUTCOME_RESET : OUTCOME_OTHER;
}

int user_connect(struct user *u, int which, const struct addr *to, struct err *e)
{
	const struct users *us = u->users;
	struct addr from = {.ss = {.ss_family = to->sa.sa_family}, .len = to->len};
	struct talk *t = &u->talk[which];

	talk_close(t);
	addr_set_port(&from,
		      client_ports_pick(&us->task->ports, us->n * USER_TALKS,
					u->slot * USER_TALKS + (uint64_t)which, u->made[which]++));
	if (addr_port(&from) && talk_connect(t, to, &from, e) == 0)
		return 0;
	if (addr_port(&from) && errno != EADDRNOTAVAIL && errno != EADDRINUSE)
		return -1;
	return talk_connect(t, to, NULL, e);
}

/* Ends the user's connections, which are in good order or of no use. */
static void hang_up(struct user *u)
{
	u->users->protocol->forget(u);
	for (int i = 0; i < USER_TALKS; i++)
		talk_close(&u->talk[i]);
}

static void leave_user(struct user *u)
{
	hang_up(u);
	u->busy = false;
	u->over = true;
}

/* The exchange that has just ended may be one that the runner awaits. */
static void count_awaited(struct users *us, const struct tally_exchange *x)
{
	if (!us->awaited || x->start < us->awaited_since || x->ok == us->awaited_failed)
		return;
	if (--us->awaited == 0 && runner_done(us->task->msg_fd) == -1)
		us->gone = true;
}

static void go_on(struct user *u, int64_t pause)
{
	struct users *us = u->users;

	if (!us->task->until_stop)
		u->todo--;
	u->busy = false;
	u->due = u->now.end + users_vary(&u->pauses, pause, us->load->think_varies);
	if (!u->todo || us->stopping)
		leave_user(u);
}

void user_done(struct user *u)
{
	u->now.end = clock_now(&clock_monotonic);
	u->now.ok = true;
	tally_add(&u->users->tally, &u->now);
	count_awaited(u->users, &u->now);
	go_on(u, u->users->load->think);
}

void user_fail_alone(struct user *u, enum outcome outcome, const char *text)
{
	int64_t think = u->users->load->think;

	u->now.end = clock_now(&clock_monotonic);
	u->now.ok = false;
	tally_fail(&u->users->tally, &u->now, outcome, text);
	count_awaited(u->users, &u->now);
	go_on(u, think > FAILED_PAUSE ? think : FAILED_PAUSE);
}

void user_fail(struct user *u, enum outcome outcome, const char *text)
{
	hang_up(u);
	user_fail_alone(u, outcome, text);
}

static void add_users(struct users *us)
{
	const struct users_load *load = us->load;
	int64_t due = clock_now(&clock_monotonic);

	us->n = load->connections;
	us->v = xcalloc(us->n, sizeof(struct user *));
	for (size_t i = 0; i < us->n; i++) {
		struct user *u = xcalloc(1, us->protocol->user_size);

		us->v[i] = u;
		u->users = us;
		u->slot = i;
		u->pauses = rng_make(us->task->chance, 1, i);
		u->chance = rng_make(us->task->chance, 2, i);
		u->todo = load->exchanges / us->n + (i < load->exchanges % us->n);
		u->due = due;
		for (int k = 0; k < USER_TALKS; k++)
			talk_init(&u->talk[k]);
		due += load->arrivals == USERS_EVEN
			   ? load->connect_every
			   : (int64_t)rng_exponential(&us->gaps, (double)load->connect_every);
	}
}

/* Ends who is idle at once and gives exchanges under way 1 s more; people who came by
 * arrivals=poisson don't leave at one moment either. */
static void stop_users(struct users *us)
{
	int64_t now = clock_now(&clock_monotonic);

	us->stopping = true;
	for (size_t i = 0; i < us->n; i++) {
		struct user *u = us->v[i];
		double part = us->load->arrivals == USERS_EVEN ? u->busy : rng_unit(&us->gaps);

		u->due = now + (int64_t)(part * (double)STOP_GRACE);
	}
}

static void take_due(struct user *u)
{
	struct users *us = u->users;

	if (us->stopping)
		leave_user(u);
	else if (u->busy)
		us->protocol->due(u);
	else {
		memset(&u->now, 0, sizeof(u->now));
		u->now.start = clock_now(&clock_monotonic);
		u->busy = true;
		us->protocol->begin(u);
	}
}

static void take_events(struct user *u, const struct pollfd *fds)
{
	int64_t stop_due = u->due;

	for (int i = 0; i < USER_TALKS; i++) {
		enum talk_event event;

		if (u->over || fds[i].fd == -1 || fds[i].fd != u->talk[i].fd || !fds[i].revents)
			continue;
		event = talk_turn(&u->talk[i]);
		if (event == TALK_DATA || event == TALK_EOF) {
			u->now.last = clock_now(&clock_monotonic);
			if (!u->now.first)
				u->now.first = u->now.last;
		}
		if (event != TALK_NOTHING)
			u->users->protocol->event(u, i, event);
	}
	if (u->users->stopping && u->busy)
		u->due = stop_due;
}

/* Returns whether anybody is still to do something; *due is when. */
static bool watch_all(struct users *us, struct pollfd *fds, int64_t *due)
{
	bool busy = us->task->until_stop && !us->stopping;

	*due = INT64_MAX;
	for (size_t i = 0; i < us->n; i++) {
		struct user *u = us->v[i];

		for (int k = 0; k < USER_TALKS; k++)
			fds[i * USER_TALKS + (size_t)k] = (struct pollfd){
			    .fd = u->talk[k].fd, .events = talk_events(&u->talk[k])};
		busy |= !u->over;
		if (!u->over && u->due < *due)
			*due = u->due;
	}
	fds[us->n * USER_TALKS] = (struct pollfd){.fd = us->task->msg_fd, .events = POLLIN};
	return busy;
}

/* Does what the runner wants. -1: it is gone; 0: the client dies; 1: go on. */
static int obey_runner(struct users *us)
{
	json_t *m;
	int rc = 1;

	us->word = runner_obey(us->task->msg_fd, &m);
	if (us->word == RUNNER_GONE)
		rc = -1;
	else if (us->word == RUNNER_KILL || us->word == RUNNER_VANISH)
		rc = 0;
	else if (us->word == RUNNER_STOP)
		stop_users(us);
	else if (us->word == RUNNER_SET)
		rc = runner_error(us->task->msg_fd, "no such parameter") ? -1 : 1;
	else if (us->word == RUNNER_AWAIT) {
		us->awaited = (uint64_t)json_integer_value(json_object_get(m, "n"));
		us->awaited_failed = json_is_true(json_object_get(m, "failed"));
		us->awaited_since = clock_now(&clock_monotonic);
	}
	json_decref(m);
	return rc;
}

/* Waits once and handles the events. -1: the runner is gone; 0: all is over; 1: go on. */
static int take_turn(struct users *us, struct pollfd *fds)
{
	int64_t due, now;
	int rc = 1;

	if (!watch_all(us, fds, &due))
		return 0;
	sock_poll_until(fds, us->n * USER_TALKS + 1, due);
	for (size_t i = 0; i < us->n; i++)
		take_events(us->v[i], fds + i * USER_TALKS);
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < us->n; i++)
		if (!us->v[i]->over && us->v[i]->due <= now)
			take_due(us->v[i]);
	if (fds[us->n * USER_TALKS].revents)
		rc = obey_runner(us);
	return us->gone || tally_progress(&us->tally, now) ? -1 : rc;
}

/* What becomes of sockets that are still open, the kernel decides. */
static void die_out(struct users *us)
{
	for (size_t i = 0; us->word == RUNNER_VANISH && i < us->n; i++)
		for (int k = 0; k < USER_TALKS; k++)
			if (us->v[i]->talk[k].fd != -1 && sock_vanish(us->v[i]->talk[k].fd) == -1)
				fprintf(stderr, "wedge: warning: a socket doesn't vanish: %s\n",
					strerror(errno));
	(void)raise(SIGKILL);
}

static void count_bytes(struct users *us)
{
	for (size_t i = 0; i < us->n; i++)
		for (int k = 0; k < USER_TALKS; k++) {
			us->tally.bytes_in += us->v[i]->talk[k].bytes_in;
			us->tally.bytes_out += us->v[i]->talk[k].bytes_out;
			us->tally.connections += us->v[i]->made[k];
		}
}

int users_run(const struct workload_task *task, const struct users_protocol *protocol,
	      const struct users_load *load)
{
	struct users us = {.task = task,
			   .protocol = protocol,
			   .load = load,
			   .tally.msg_fd = task->msg_fd,
			   .gaps = rng_make(task->chance, 0, 0)};
	enum runner_word word = runner_await_start(task->msg_fd);
	struct pollfd *fds;
	int rc = 1, failed;

	sock_prepare();
	add_users(&us);
	fds = xcalloc(us.n * USER_TALKS + 1, sizeof(*fds));
	while (word == RUNNER_START && rc == 1)
		rc = take_turn(&us, fds);
	count_bytes(&us);
	failed = word != RUNNER_GONE && rc != -1 ? tally_send(&us.tally, NULL) : -1;
	if (us.word == RUNNER_KILL || us.word == RUNNER_VANISH)
		die_out(&us);
	for (size_t i = 0; i < us.n; i++) {
		hang_up(us.v[i]);
		free(us.v[i]);
	}
	free(us.v);
	free(fds);
	tally_fini(&us.tally);
	return failed ? 1 : 0;
}
