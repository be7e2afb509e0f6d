/* users.c - one poll loop over the connections of all users; each has a due time of their own. */
#include "scenarios/workload/users.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/vanish.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define STOP_GRACE (1 * NS_PER_S) /* for exchanges under way at a stop */

const char *const users_close_names[] = {"close", "shutdown", NULL};
const char *const users_port_names[] = {"new", "same", NULL};
const char *const users_live_params[] = {"rate", "think", "timeout", NULL};

int users_check(const struct users_load *load, struct err *e)
{
	if (load->connections <= load->exchanges)
		return 0;
	return err_set(e, "connections: %llu users can't share %llu exchanges",
		       (unsigned long long)load->connections, (unsigned long long)load->exchanges);
}

static void add_users(struct users *us)
{
	const struct users_load *load = us->load;
	int64_t due = clock_now(&clock_monotonic);

	for (uint64_t i = 0; i < load->connections; i++) {
		user_add(us,
			 load->exchanges / load->connections +
			     (i < load->exchanges % load->connections),
			 due);
		due += arrivals_gap(&us->arrivals, (enum arrivals_kind)load->arrivals,
				    load->connect_every);
	}
}

/* Ends who is idle at once and gives exchanges under way 1 s more; people who came by
 * arrivals=poisson don't leave at one moment either. */
static void stop_users(struct users *us)
{
	int64_t now = clock_now(&clock_monotonic);

	us->stopping = true;
	us->closers.last = now + STOP_GRACE;
	for (size_t i = 0; i < us->n; i++) {
		struct user *u = us->v[i];
		double idle, part = us->load->arrivals == ARRIVALS_EVEN
					? u->busy
					: rng_unit(&us->arrivals.gaps);

		if (user_is_idle(u, &idle))
			json_array_append_new(us->idle_kept, json_real(idle));
		u->due = now + (int64_t)(part * (double)STOP_GRACE);
	}
}

/* Whether no more exchanges come by the rate, so that users leave when they have had their pause.
 */
static bool is_over(const struct users *us)
{
	return us->arrivals.every && !us->arrivals.left;
}

/* Whether the user's time is one at which something happens: who waits for the rate has none. */
static bool has_due(const struct user *u)
{
	const struct users *us = u->users;

	return !u->over &&
	       (u->busy || u->arrived || !us->arrivals.every || us->stopping || is_over(us));
}

static void take_due(struct user *u)
{
	if (u->users->stopping)
		user_leave(u);
	else if (u->busy)
		u->users->protocol->due(u);
	else if (!u->arrived && is_over(u->users))
		user_leave(u);
	else
		user_begin(u);
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
	bool busy = (us->task->until_stop && !us->stopping) || us->closers.n;
	struct pollfd *more = fds + us->n * USER_TALKS + 1;

	*due = INT64_MAX;
	for (size_t i = 0; i < us->n; i++) {
		struct user *u = us->v[i];

		for (int k = 0; k < USER_TALKS; k++)
			fds[i * USER_TALKS + (size_t)k] = (struct pollfd){
			    .fd = u->talk[k].fd, .events = talk_events(&u->talk[k])};
		busy |= has_due(u);
		if (has_due(u) && u->due < *due)
			*due = u->due;
	}
	busy |= users_rate_watch(us, due);
	fds[us->n * USER_TALKS] = (struct pollfd){.fd = us->task->msg_fd, .events = POLLIN};
	closers_watch(&us->closers, more, due);
	if (us->balance)
		balance_watch(us->balance, more + us->closers.n, due);
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
		rc = users_set(us, m) == 0 ? 1 : -1;
	else if (us->word == RUNNER_AWAIT && awaited_begin(&us->awaited, m, &us->tally))
		rc = runner_done(us->task->msg_fd) == 0 ? 1 : -1;
	json_decref(m);
	return rc;
}

static size_t count_fds(const struct users *us)
{
	return us->n * USER_TALKS + 1 + us->closers.n + (us->balance ? us->balance->n : 0);
}

/* Waits once and handles the events. -1: the runner is gone; 0: all is over; 1: go on. */
static int take_turn(struct users *us, struct pollfd *fds)
{
	size_t polled = us->n, nclosing = us->closers.n;
	struct pollfd *runner = fds + polled * USER_TALKS;
	int64_t due, now;
	int rc = 1;

	if (!watch_all(us, fds, &due))
		return 0;
	sock_poll_until(fds, count_fds(us), due);
	for (size_t i = 0; i < polled; i++)
		take_events(us->v[i], fds + i * USER_TALKS);
	now = clock_now(&clock_monotonic);
	for (size_t i = 0; i < polled; i++)
		if (has_due(us->v[i]) && us->v[i]->due <= now)
			take_due(us->v[i]);
	users_rate_turn(us, now);
	closers_turn(&us->closers, runner + 1, nclosing, now, &us->tally);
	if (us->balance)
		balance_turn(us->balance, runner + 1 + nclosing, now);
	if (runner->revents)
		rc = obey_runner(us);
	return us->gone || tally_progress(&us->tally, now) ? -1 : rc;
}

/* What becomes of sockets that are still open, the kernel decides. */
static void die_out(struct users *us)
{
	for (size_t i = 0; us->word == RUNNER_VANISH && i < us->n; i++)
		for (int k = 0; k < USER_TALKS; k++)
			if (us->v[i]->talk[k].fd != -1 && vanish_socket(us->v[i]->talk[k].fd) == -1)
				fprintf(stderr, "wedge: warning: a socket doesn't vanish: %s\n",
					strerror(errno));
	if (us->word == RUNNER_VANISH && vanish_outlive(us->task->msg_fd) == -1)
		fprintf(stderr, "wedge: warning: nothing vanishes: %s\n", strerror(errno));
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

/* The users' own copy of the configuration, where a "set" may change it. */
static void copy_load(struct users *us)
{
	void *copy;

	if (!us->protocol->cfg_size)
		return;
	copy = xcalloc(1, us->protocol->cfg_size);
	param_copy(us->task->params, copy, us->task->cfg, us->protocol->cfg_size);
	us->load = copy;
}

static void free_users(struct users *us)
{
	for (size_t i = 0; i < us->n; i++) {
		user_hang_up(us->v[i]);
		free(us->v[i]);
	}
	free(us->v);
	if (us->balance)
		balance_free(us->balance);
	closers_free(&us->closers);
	json_decref(us->closers.closing);
	json_decref(us->closers.began);
	json_decref(us->idle_lost);
	json_decref(us->idle_kept);
	secure_context_free(us->secure);
	tally_fini(&us->tally);
	if (!us->protocol->cfg_size)
		return;
	param_free(us->task->params, (void *)us->load);
	free((void *)us->load);
}

/* What the result has besides. */
static json_t *own_counts(const struct users *us)
{
	json_t *more =
	    json_pack("{s:I,s:I,s:O,s:O,s:O,s:O,s:I}", "retries", (json_int_t)us->retried,
		      "retried_ok", (json_int_t)us->retried_ok, "closing", us->closers.closing,
		      "closing_began", us->closers.began, "idle_lost", us->idle_lost, "idle_kept",
		      us->idle_kept, "close_timeouts", (json_int_t)us->closers.timeouts);

	if (us->balance) {
		json_object_set_new(more, "probes", json_integer((json_int_t)us->balance->probes));
		json_object_set_new(more, "probes_ok",
				    json_integer((json_int_t)us->balance->probes_ok));
	}
	return more;
}

int users_run(const struct workload_task *task, const struct users_protocol *protocol,
	      const struct users_load *load, struct balance *balance)
{
	struct users us = {.task = task,
			   .protocol = protocol,
			   .load = load,
			   .balance = balance,
			   .closers.patience = load->close_timeout,
			   .closers.closing = json_array(),
			   .closers.began = json_array(),
			   .idle_lost = json_array(),
			   .idle_kept = json_array(),
			   .tally.msg_fd = task->msg_fd,
			   .arrivals.gaps = rng_make(task->chance, 0, 0)};
	enum runner_word word = runner_await_start(task->msg_fd);
	struct pollfd *fds = NULL;
	int rc = 1, failed;

	sock_prepare();
	copy_load(&us);
	us.secure = protocol->tls ? secure_client() : NULL;
	if (!users_rate_begin(&us))
		add_users(&us);
	while (word == RUNNER_START && rc == 1) {
		fds = xrealloc(fds, count_fds(&us), sizeof(*fds));
		rc = take_turn(&us, fds);
	}
	count_bytes(&us);
	failed = word != RUNNER_GONE && rc != -1 ? tally_send(&us.tally, own_counts(&us)) : -1;
	if (us.word == RUNNER_KILL || us.word == RUNNER_VANISH)
		die_out(&us);
	free_users(&us);
	free(fds);
	return failed ? 1 : 0;
}
