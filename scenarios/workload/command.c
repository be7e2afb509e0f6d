/* command.c - one wait covers the program's output, its end and the runner. */
#include "scenarios/workload/command.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/long_lived.h"
#include "scenarios/workload/process_tree.h"
#include "scenarios/workload/program.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/tally.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define READY_LOOK    (10 * NS_PER_MS) /* between two looks at /proc/net/tcp */
#define READY_LIMIT   (30 * NS_PER_S)  /* a server that listens later is broken */
#define READY_DEFAULT (1 * NS_PER_S)

bool command_listens(const char *proc_net_tcp, uint16_t port)
{
	unsigned local, state;

	for (const char *line = proc_net_tcp; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, " %*u: %*32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x", &local,
			   &state) == 2 &&
		    local == port && state == 0x0a)
			return true;
	}
	return false;
}

/* Returns 1: somebody listens; 0: nobody; -1: there is nothing to look at. */
static int look_for_listener(uint16_t port)
{
	static const char *const files[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	int found = -1;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		FILE *f = fopen(files[i], "re");
		char *text = NULL;
		size_t room = 0;

		if (!f)
			continue;
		if (getdelim(&text, &room, '\0', f) > 0 && found != 1)
			found = command_listens(text, port);
		free(text);
		fclose(f);
	}
	return found;
}

/* The outcome of one wait. */
enum happened { HAPPENED_NOTHING, HAPPENED_END, HAPPENED_STOP, HAPPENED_KILL, HAPPENED_GONE };

static enum happened program_wait(struct program *p, int64_t due)
{
	struct pollfd fds[1 + PROGRAM_FDS] = {{.fd = p->task->msg_fd, .events = POLLIN}};

	program_poll_fds(p, fds + 1);
	sock_poll_until(fds, ARRAY_LEN(fds), due);
	if (program_take(p, fds + 1))
		return HAPPENED_END;
	if (fds[0].revents) {
		enum runner_word word = runner_read(p->task->msg_fd, NULL);

		if (word == RUNNER_KILL)
			return HAPPENED_KILL;
		if (word == RUNNER_HANG) {
			(void)kill(-p->pid, SIGSTOP);
			return runner_done(p->task->msg_fd) ? HAPPENED_GONE : HAPPENED_NOTHING;
		}
		if (word == RUNNER_STOP || word == RUNNER_GONE)
			return word == RUNNER_STOP ? HAPPENED_STOP : HAPPENED_GONE;
	}
	return HAPPENED_NOTHING;
}

/* Waits for a server to listen: 0 once it does, or *what has ended the wait; -1 with *e. */
static int server_ready(struct program *p, enum happened *what, struct err *e)
{
	uint16_t port = addr_port(&p->task->address);
	int64_t wait = p->task->ready_after ? p->task->ready_after : READY_DEFAULT;
	int look = look_for_listener(port);

	while (look != 1) {
		int64_t now = clock_now(&clock_monotonic);

		if (look == -1 && now >= p->begun + wait)
			return 0;
		if (now >= p->begun + READY_LIMIT)
			return err_set(e, "\"%s\" does not listen on port %u after %d s",
				       p->task->argv[0], port, (int)(READY_LIMIT / NS_PER_S));
		*what = program_wait(p, now + READY_LOOK);
		if (*what != HAPPENED_NOTHING)
			return 0;
		look = look_for_listener(port);
	}
	return 0;
}

static int send_result(const struct program *p)
{
	struct tally t = {.msg_fd = p->task->msg_fd, .begun = p->begun, .ended = p->ended};

	if (!p->task->is_server) {
		t.completed = p->status == 0;
		t.failed = p->status != 0;
	}
	return tally_send(&t, program_json(p));
}

/* Takes a program's end, and ends whatever it has left behind, daemons too. */
static void end_program(struct program *p)
{
	if (!p->stopped)
		p->outlived = process_tree_signal(getpid(), 0);
	program_collect(p);
	(void)kill(-p->pid, SIGKILL);
	process_tree_end();
}

/* Attends to the running program until it ends, or the runner wants its end. */
static int program_attend(struct program *p, enum happened what, struct err *e)
{
	int64_t due = p->task->limit ? p->begun + p->task->limit : INT64_MAX;

	while (what == HAPPENED_NOTHING && !p->limited) {
		what = program_wait(p, due);
		p->limited = what == HAPPENED_NOTHING && clock_now(&clock_monotonic) >= due;
	}
	if (what == HAPPENED_KILL) {
		p->stopped = true;
		(void)kill(-p->pid, SIGKILL);
	} else if (what != HAPPENED_END) {
		program_terminate(p, 0);
	}
	end_program(p);
	if (what == HAPPENED_GONE)
		return 1;
	if (p->task->is_server && !p->stopped) {
		err_set(e, "\"%s\" ended with status %d before it was told to end%s%s",
			p->task->argv[0], p->status, p->task->output ? "; see " : "",
			p->task->output ? p->task->output : "");
		return runner_error(p->task->msg_fd, e->text);
	}
	return send_result(p) ? 1 : 0;
}

static int program_run(struct program *p, const struct command_task *task)
{
	enum happened what = HAPPENED_NOTHING;
	struct err e = {.text = ""};

	if (program_start(p, task, NULL, &e))
		return runner_error(task->msg_fd, e.text);
	if (!task->is_server)
		return program_attend(p, what, &e);
	if (server_ready(p, &what, &e)) {
		program_terminate(p, 0);
		end_program(p);
		return runner_error(task->msg_fd, e.text);
	}
	if (what == HAPPENED_NOTHING &&
	    msg_send(task->msg_fd, "ready", "s:i", "port", addr_port(&task->address)))
		what = HAPPENED_GONE;
	return program_attend(p, what, &e);
}

/* Waits until the client's time has come; a word of the runner's ends that. */
static enum runner_word await_turn(const struct command_task *task)
{
	struct pollfd fd = {.fd = task->msg_fd, .events = POLLIN};

	sock_poll_until(&fd, 1, clock_now(&clock_monotonic) + task->after);
	return fd.revents ? runner_obey(task->msg_fd, NULL) : RUNNER_START;
}

int command_main(const struct command_task *task)
{
	enum runner_word word = RUNNER_START;
	struct program p;
	int rc;

	process_tree_adopt();
	if (!task->is_server)
		word = runner_await_start(task->msg_fd);
	if (word == RUNNER_START && task->after)
		word = await_turn(task);
	if (word == RUNNER_GONE)
		return 1;
	if (word == RUNNER_STOP)
		return runner_error(task->msg_fd, "stopped before it was started");
	if (task->long_lived)
		return long_lived_run(task);
	rc = program_run(&p, task);
	program_fini(&p);
	return rc;
}
