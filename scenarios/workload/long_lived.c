/* long_lived.c - two programs, the runner and the host's connections in one loop. */
#include "scenarios/workload/long_lived.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/open_sockets.h"
#include "scenarios/workload/process_tree.h"
#include "scenarios/workload/program.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/tally.h"

#include <unistd.h>

#define LOOK	   (50 * NS_PER_MS) /* between two looks at the connections */
#define LOOK_FIRST (5 * NS_PER_MS)  /* the same for the first request, which may be over soon */

struct long_run {
	const struct command_task *task;
	const struct long_lived *how;
	struct command_task then_task;
	struct program main, then;
	struct open_sockets sockets;
	bool then_runs, then_ran;
	bool ready, ended; /* the program has ended by itself, and all that it has started */
	bool told_to_end;  /* the runner is gone, or wants the end */
	int64_t ready_at, looked, next_look;
};

static void look_around(struct long_run *r, int64_t now)
{
	const struct program *p = &r->main;

	if (now < r->next_look)
		return;
	r->next_look = now + (r->ready || *r->how->ready ? LOOK : LOOK_FIRST);
	open_sockets_look(&r->sockets, now);
	if (p->pid_fd == -1 && !r->then_runs && !process_tree_signal(getpid(), 0))
		r->ended = true;
}

/* Waits for whatever comes next, until due at most. */
static void wait_once(struct long_run *r, int64_t due)
{
	struct pollfd fds[1 + 2 * PROGRAM_FDS] = {{.fd = r->task->msg_fd, .events = POLLIN}};
	struct pollfd *main_fds = fds + 1, *then_fds = main_fds + PROGRAM_FDS;

	program_poll_fds(&r->main, main_fds);
	program_poll_fds(&r->then, then_fds);
	sock_poll_until(fds, ARRAY_LEN(fds), due < r->next_look ? due : r->next_look);
	if (program_take(&r->main, main_fds))
		program_collect(&r->main);
	if (program_take(&r->then, then_fds)) {
		program_collect(&r->then);
		r->then_runs = false;
	}
	if (fds[0].revents) {
		enum runner_word word = runner_read(r->task->msg_fd, NULL);

		r->told_to_end |= word == RUNNER_STOP || word == RUNNER_KILL || word == RUNNER_GONE;
	}
	look_around(r, clock_now(&clock_monotonic));
}

static bool is_ready(const struct long_run *r)
{
	if (*r->how->ready)
		return r->main.out.watch.found || r->main.err.watch.found;
	return r->sockets.asked;
}

static bool goes_on(const struct long_run *r, int64_t due)
{
	return !r->ended && !r->told_to_end && clock_now(&clock_monotonic) < due;
}

static int64_t find_due(const struct long_run *r, int64_t from)
{
	return r->task->limit ? from + r->task->limit : INT64_MAX;
}

static void wait_longer(struct long_run *r)
{
	int64_t due = clock_now(&clock_monotonic) + LONG_LIVED_LINGER;

	while (goes_on(r, due))
		wait_once(r, due);
}

static void await_ready(struct long_run *r)
{
	int64_t due = find_due(r, r->main.begun);

	while (!r->ready && goes_on(r, due)) {
		wait_once(r, due);
		r->ready = is_ready(r);
	}
	r->ready_at = clock_now(&clock_monotonic);
}

/* Runs the other program beside the one that is ready. */
static int run_then(struct long_run *r, struct err *e)
{
	int64_t due;

	if (program_start(&r->then, &r->then_task, NULL, e))
		return err_wrap(e, "--then");
	r->then_runs = r->then_ran = true;
	due = find_due(r, r->then.begun);
	while (r->then_runs && !r->told_to_end && clock_now(&clock_monotonic) < due)
		wait_once(r, due);
	r->then.limited = r->then_runs && !r->told_to_end;
	if (!r->then_runs && r->how->watched)
		wait_longer(r);
	return 0;
}

/* Lets the program alone decide. */
static void run_alone(struct long_run *r)
{
	int64_t due = find_due(r, r->main.begun);

	while (r->how->watched && goes_on(r, due))
		wait_once(r, due);
	r->main.limited = !r->ended && !r->told_to_end && clock_now(&clock_monotonic) >= due;
	if (r->ready || r->how->watched)
		wait_longer(r);
}

/* Ends both, and whatever they have started. */
static void end_all(struct long_run *r)
{
	r->looked = clock_now(&clock_monotonic);
	open_sockets_look(&r->sockets, r->looked);
	if (r->then_runs) {
		program_terminate(&r->then, 0);
		program_collect(&r->then);
	}
	if (!r->ended)
		program_terminate(&r->main, getpid());
	if (r->main.pid_fd != -1)
		program_collect(&r->main);
	process_tree_end();
}

static int send_result(const struct long_run *r)
{
	const struct program *p = r->then_ran ? &r->then : &r->main;
	struct tally t = {.msg_fd = r->task->msg_fd,
			  .completed = p->status == 0,
			  .failed = p->status != 0,
			  .begun = p->begun,
			  .ended = p->ended};
	json_t *result = program_json(p);

	json_object_set_new(
	    result, "long_lived",
	    json_pack("{s:b,s:o,s:b,s:b,s:f,s:o}", "ready", r->ready, "ready_after",
		      r->ready ? json_real(clock_seconds(r->ready_at - r->main.begun))
			       : json_null(),
		      "then", r->then_ran, "ended", r->ended, "looked", clock_seconds(r->looked),
		      "sockets", open_sockets_json(&r->sockets)));
	return tally_send(&t, result) ? 1 : 0;
}

static int run_both(struct long_run *r)
{
	struct err e = {.text = ""};
	int rc = 0;

	if (program_start(&r->main, r->task, r->how->ready, &e))
		return runner_error(r->task->msg_fd, e.text);
	await_ready(r);
	if (!*r->how->ready && r->sockets.blind)
		rc = err_set(&e, "the kernel doesn't tell of connections (CONFIG_INET_TCP_DIAG), "
				 "and so not of the first request");
	else if (r->ready && r->how->then)
		rc = run_then(r, &e);
	else
		run_alone(r);
	end_all(r);
	return rc ? runner_error(r->task->msg_fd, e.text) : send_result(r);
}

int long_lived_run(const struct command_task *task)
{
	struct long_run r = {.task = task,
			     .how = task->long_lived,
			     .then_task = *task,
			     .main = {.pid_fd = -1},
			     .then = {.pid_fd = -1, .out = {-1, -1}, .err = {-1, -1}},
			     .sockets = {.peer_port = addr_port(&task->address)}};
	int rc;

	r.then_task.argv = r.how->then;
	r.then_task.output = r.how->then_output;
	r.then_task.errors = r.how->then_errors;
	r.next_look = clock_now(&clock_monotonic);
	rc = run_both(&r);
	program_fini(&r.main);
	program_fini(&r.then);
	open_sockets_fini(&r.sockets);
	return rc;
}
