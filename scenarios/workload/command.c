/* command.c - the program is a process group of its own behind a pidfd; one wait covers its output,
 * its end and the runner. */
#include "scenarios/workload/command.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/workload/runner.h"
#include "scenarios/workload/sock.h"
#include "scenarios/workload/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_LOOK    (10 * NS_PER_MS) /* between two looks at /proc/net/tcp */
#define READY_LIMIT   (30 * NS_PER_S)  /* a server that listens later is broken */
#define READY_DEFAULT (1 * NS_PER_S)
#define TERM_PATIENCE (3 * NS_PER_S) /* between SIGTERM and SIGKILL */

struct program {
	const struct command_task *task;
	pid_t pid;
	int pid_fd, out_fd, file_fd;
	EVP_MD_CTX *sha;
	uint64_t output_bytes;
	int64_t begun, ended;
	int status; /* as in a shell: 128 + n for signal n */
	bool stopped, limited;
};

char *command_word(const char *word, const struct addr *a, const char *out_dir)
{
	char host[ADDR_TEXT], port[8];
	struct {
		const char *name, *value;
	} known[] = {{"{host}", host}, {"{port}", port}, {"{out}", out_dir ? out_dir : "."}};
	char *text = xstrdup("");

	addr_format_host(a, host);
	snprintf(port, sizeof(port), "%u", addr_port(a));
	while (*word) {
		int take = 1;
		char *longer = NULL;

		for (size_t i = 0; i < ARRAY_LEN(known) && !longer; i++) {
			if (strncmp(word, known[i].name, strlen(known[i].name)) != 0)
				continue;
			take = (int)strlen(known[i].name);
			longer = xasprintf("%s%s", text, known[i].value);
		}
		if (!longer)
			longer = xasprintf("%s%c", text, *word);
		free(text);
		text = longer;
		word += take;
	}
	return text;
}

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

/* Leads the child to the program; writes what stops it to report_fd. */
static void child_exec(const struct command_task *task, char **argv, int out_fd, int err_fd,
		       int report_fd)
{
	struct err e = {.text = ""};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	setpgid(0, 0);
	if (task->work && chdir(task->work) == -1) {
		err_errno(&e, "cannot go to %s", task->work);
		goto failed;
	}
	if (task->drop && task->drop(&e))
		goto failed;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after the drop: a change of rights forgets it */
	if (dup2(out_fd, STDOUT_FILENO) == -1 || dup2(err_fd, STDERR_FILENO) == -1) {
		err_errno(&e, "cannot redirect its output");
		goto failed;
	}
	execvp(argv[0], argv);
	err_errno(&e, "cannot run \"%s\"", argv[0]);
failed:
	if (write(report_fd, e.text, strlen(e.text)) == -1)
		_exit(126);
	_exit(127);
}

static int program_fork(struct program *p, struct err *e)
{
	int out[2], report[2], null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t words = 0;
	char **argv;
	ssize_t n;

	while (p->task->argv[words])
		words++;
	if (null_fd == -1 || pipe2(out, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return err_errno(e, "no pipe for a program");
	argv = xcalloc(words + 1, sizeof(*argv));
	for (size_t i = 0; i < words; i++)
		argv[i] = command_word(p->task->argv[i], &p->task->address, p->task->out_dir);
	p->begun = clock_now(&clock_monotonic);
	p->pid = fork();
	if (!p->pid) {
		dup2(null_fd, STDIN_FILENO);
		child_exec(p->task, argv, out[1], p->file_fd == -1 ? null_fd : p->file_fd,
			   report[1]);
	}
	for (size_t i = 0; i < words; i++)
		free(argv[i]);
	free(argv);
	close(null_fd);
	close(out[1]);
	close(report[1]);
	p->out_fd = out[0];
	n = p->pid == -1 ? -1 : read(report[0], e->text, sizeof(e->text) - 1);
	close(report[0]);
	if (p->pid == -1)
		return err_errno(e, "no process for a program");
	if (n <= 0)
		return 0;
	e->text[n] = '\0';
	waitpid(p->pid, NULL, 0);
	p->pid = -1;
	return -1;
}

static int program_start(struct program *p, struct err *e)
{
	if (p->task->output) {
		p->file_fd =
		    open(p->task->output,
			 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0666);
		if (p->file_fd == -1)
			return err_errno(e, "cannot write %s", p->task->output);
	}
	p->sha = EVP_MD_CTX_new();
	if (!p->sha || !EVP_DigestInit_ex(p->sha, EVP_sha256(), NULL))
		return err_set(e, "no SHA-256");
	if (program_fork(p, e))
		return -1;
	p->pid_fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return p->pid_fd == -1 ? err_errno(e, "cannot watch the program") : 0;
}

/* Returns whether what the program has printed last goes to the file, too. */
static bool keeps_output(const struct program *p)
{
	return p->file_fd != -1 && (!p->task->output_max || p->output_bytes <= p->task->output_max);
}

/* Takes what the program has printed. False when there will be no more. */
static bool program_output(struct program *p)
{
	char buf[65536];
	ssize_t n = read(p->out_fd, buf, sizeof(buf));

	if (n <= 0)
		return n == -1 && (errno == EINTR || errno == EAGAIN);
	p->output_bytes += (uint64_t)n;
	EVP_DigestUpdate(p->sha, buf, (size_t)n);
	for (ssize_t done = 0, w; keeps_output(p) && done < n; done += w) {
		w = write(p->file_fd, buf + done, (size_t)(n - done));
		if (w <= 0)
			break; /* the disk is full: the program is measured all the same */
	}
	return true;
}

/* The outcome of one wait. */
enum happened { HAPPENED_NOTHING, HAPPENED_END, HAPPENED_STOP, HAPPENED_KILL, HAPPENED_GONE };

static enum happened program_wait(struct program *p, int64_t due)
{
	struct pollfd fds[3] = {{.fd = p->task->msg_fd, .events = POLLIN},
				{.fd = p->out_fd, .events = POLLIN},
				{.fd = p->pid_fd, .events = POLLIN}};

	sock_poll_until(fds, 3, due);
	if (fds[1].revents && !program_output(p)) {
		close(p->out_fd);
		p->out_fd = -1;
	}
	if (fds[2].revents)
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

/* Takes the status of a program that has ended, and what it left in the pipe. */
static void program_collect(struct program *p)
{
	struct pollfd left = {.fd = p->out_fd, .events = POLLIN};
	int status = 0;

	p->ended = clock_now(&clock_monotonic);
	waitpid(p->pid, &status, 0);
	p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	(void)kill(-p->pid, SIGKILL); /* processes that it left behind in its group */
	while (p->out_fd != -1 && poll(&left, 1, 0) == 1 && program_output(p))
		continue;
}

/* Ends the whole group: SIGTERM, then SIGKILL. */
static void program_terminate(struct program *p)
{
	int64_t limit = clock_now(&clock_monotonic) + TERM_PATIENCE;

	p->stopped = true;
	(void)kill(-p->pid, SIGTERM);
	(void)kill(-p->pid, SIGCONT); /* it may have been told to hang */
	while (clock_now(&clock_monotonic) < limit) {
		struct pollfd fds[2] = {{.fd = p->pid_fd, .events = POLLIN},
					{.fd = p->out_fd, .events = POLLIN}};

		sock_poll_until(fds, 2, limit);
		if (fds[0].revents)
			return;
		if (fds[1].revents && !program_output(p)) {
			close(p->out_fd);
			p->out_fd = -1;
		}
	}
	(void)kill(-p->pid, SIGKILL);
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

static int send_result(struct program *p)
{
	struct tally t = {.msg_fd = p->task->msg_fd};
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned len = 0;

	EVP_DigestFinal_ex(p->sha, digest, &len);
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
	if (!p->task->is_server) {
		t.completed = p->status == 0;
		t.failed = p->status != 0;
	}
	t.begun = p->begun;
	t.ended = p->ended;
	return tally_send(&t, json_pack("{s:i,s:f,s:f,s:I,s:s,s:b,s:b}", "exit_status", p->status,
					"began", clock_seconds(p->begun), "duration",
					clock_seconds(p->ended - p->begun), "output_bytes",
					(json_int_t)p->output_bytes, "sha256", hex, "stopped",
					p->stopped, "limited", p->limited));
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
		program_terminate(p);
	}
	program_collect(p);
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

static int program_run(struct program *p)
{
	const struct command_task *task = p->task;
	enum happened what = HAPPENED_NOTHING;
	struct err e = {.text = ""};

	if (program_start(p, &e))
		return runner_error(task->msg_fd, e.text);
	if (!task->is_server)
		return program_attend(p, what, &e);
	if (server_ready(p, &what, &e)) {
		program_terminate(p);
		program_collect(p);
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
	struct program p = {.task = task, .pid = -1, .pid_fd = -1, .out_fd = -1, .file_fd = -1};
	enum runner_word word = RUNNER_START;
	int rc;

	if (!task->is_server)
		word = runner_await_start(task->msg_fd);
	if (word == RUNNER_START && task->after)
		word = await_turn(task);
	if (word == RUNNER_GONE)
		return 1;
	if (word == RUNNER_STOP)
		return runner_error(task->msg_fd, "stopped before it was started");
	rc = program_run(&p);
	EVP_MD_CTX_free(p.sha);
	if (p.out_fd != -1)
		close(p.out_fd);
	if (p.pid_fd != -1)
		close(p.pid_fd);
	if (p.file_fd != -1)
		close(p.file_fd);
	return rc;
}
