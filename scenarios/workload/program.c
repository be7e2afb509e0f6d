/* program.c - a process group of its own behind a pidfd, with a pipe for each of its outputs. */
#include "scenarios/workload/program.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/process_tree.h"
#include "scenarios/workload/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TERM_PATIENCE (3 * NS_PER_S) /* between SIGTERM and SIGKILL */
#define TERM_LOOK     (20 * NS_PER_MS)
#define LEFT_READS    32 /* of what is left in a pipe: more than it holds */

static void limit_files(const struct command_task *task)
{
	const struct rlimit bound = {task->file_max, task->file_max};

	if (task->file_max)
		(void)setrlimit(RLIMIT_FSIZE, &bound);
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
	limit_files(task);
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

static char **fill_words(const struct command_task *task)
{
	size_t words = 0;
	char **argv;

	while (task->argv[words])
		words++;
	argv = xcalloc(words + 1, sizeof(*argv));
	for (size_t i = 0; i < words; i++)
		argv[i] = command_word(task->argv[i], &task->address, task->out_dir);
	return argv;
}

static void free_words(char **argv)
{
	for (char **w = argv; *w; w++)
		free(*w);
	free(argv);
}

static int program_fork(struct program *p, struct err *e)
{
	int out[2], err[2], report[2], null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char **argv;
	ssize_t n;

	if (null_fd == -1 || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) ||
	    pipe2(report, O_CLOEXEC))
		return err_errno(e, "no pipe for a program");
	argv = fill_words(p->task);
	p->begun = clock_now(&clock_monotonic);
	p->pid = fork();
	if (!p->pid) {
		dup2(null_fd, STDIN_FILENO);
		child_exec(p->task, argv, out[1], err[1], report[1]);
	}
	free_words(argv);
	close(null_fd);
	close(out[1]);
	close(err[1]);
	close(report[1]);
	p->out.pipe_fd = out[0];
	p->err.pipe_fd = err[0];
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

static int open_file(const char *path, int *fd, struct err *e)
{
	*fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0666);
	return *fd == -1 ? err_errno(e, "cannot write %s", path) : 0;
}

int program_start(struct program *p, const struct command_task *task, const char *text,
		  struct err *e)
{
	*p = (struct program){.task = task,
			      .pid = -1,
			      .pid_fd = -1,
			      .out = {.pipe_fd = -1, .file_fd = -1, .watch = {.text = text}},
			      .err = {.pipe_fd = -1, .file_fd = -1, .watch = {.text = text}}};
	if (task->output && open_file(task->output, &p->out.file_fd, e))
		return -1;
	if (task->errors && open_file(task->errors, &p->err.file_fd, e))
		return -1;
	if (!task->errors)
		p->err.file_fd = p->out.file_fd;
	p->err.by_lines = !task->errors;
	p->out.sha = EVP_MD_CTX_new();
	if (!p->out.sha || !EVP_DigestInit_ex(p->out.sha, EVP_sha256(), NULL))
		return err_set(e, "no SHA-256");
	if (program_fork(p, e))
		return -1;
	p->pid_fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return p->pid_fd == -1 ? err_errno(e, "cannot watch the program") : 0;
}

static void write_kept(const struct program_output *o, const char *buf, size_t n)
{
	for (ssize_t w; o->file_fd != -1 && n; buf += w, n -= (size_t)w) {
		w = write(o->file_fd, buf, n);
		if (w <= 0)
			break; /* the disk is full: the program is measured all the same */
	}
}

static void write_part(struct program_output *o)
{
	write_kept(o, o->part, o->npart);
	o->npart = 0;
}

/* Returns how many bytes of buf are whole lines. */
static size_t find_lines(const char *buf, size_t n)
{
	while (n && buf[n - 1] != '\n' && buf[n - 1] != '\r')
		n--;
	return n;
}

/* Keeps of the n new bytes what its file has room for, by the task's bound. */
static void keep_output(const struct program *p, struct program_output *o, const char *buf,
			size_t n)
{
	uint64_t max = p->task->output_max ? p->task->output_max : UINT64_MAX;
	size_t keep = o->bytes >= max ? 0 : max - o->bytes < n ? (size_t)(max - o->bytes) : n;
	size_t whole = o->by_lines ? find_lines(buf, keep) : keep, rest = keep - whole;

	if (whole || o->npart + rest > sizeof(o->part))
		write_part(o);
	if (rest > sizeof(o->part)) {
		whole = keep;
		rest = 0;
	}
	write_kept(o, buf, whole);
	memcpy(o->part + o->npart, buf + whole, rest);
	o->npart += rest;
}

/* Takes what the program has printed; at its end the pipe is closed. */
static void take_output(const struct program *p, struct program_output *o)
{
	char buf[65536];
	ssize_t n = read(o->pipe_fd, buf, sizeof(buf));

	if (n <= 0 && !(n == -1 && (errno == EINTR || errno == EAGAIN))) {
		close(o->pipe_fd);
		o->pipe_fd = -1;
	}
	if (n <= 0)
		return;
	keep_output(p, o, buf, (size_t)n);
	o->bytes += (uint64_t)n;
	if (o->sha)
		EVP_DigestUpdate(o->sha, buf, (size_t)n);
	text_watch_take(&o->watch, buf, (size_t)n);
}

void program_poll_fds(const struct program *p, struct pollfd fds[PROGRAM_FDS])
{
	fds[0] = (struct pollfd){.fd = p->out.pipe_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = p->err.pipe_fd, .events = POLLIN};
	fds[2] = (struct pollfd){.fd = p->pid_fd, .events = POLLIN};
}

bool program_take(struct program *p, const struct pollfd fds[PROGRAM_FDS])
{
	if (fds[0].revents)
		take_output(p, &p->out);
	if (fds[1].revents)
		take_output(p, &p->err);
	return fds[2].revents;
}

static void take_left(const struct program *p, struct program_output *o)
{
	struct pollfd left = {.fd = o->pipe_fd, .events = POLLIN};

	for (int i = 0; i < LEFT_READS && o->pipe_fd != -1 && poll(&left, 1, 0) == 1; i++)
		take_output(p, o);
}

void program_collect(struct program *p)
{
	int status = 0;

	p->ended = clock_now(&clock_monotonic);
	waitpid(p->pid, &status, 0);
	p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	take_left(p, &p->out);
	take_left(p, &p->err);
	close(p->pid_fd);
	p->pid_fd = -1;
}

/* Returns whether the program or something below root still lives; waits for less than TERM_LOOK
 * when it does. */
static bool lives_on(struct program *p, pid_t root, bool *over)
{
	struct pollfd fds[PROGRAM_FDS];

	program_poll_fds(p, fds);
	if (*over)
		fds[2].fd = -1;
	sock_poll_until(fds, PROGRAM_FDS, clock_now(&clock_monotonic) + TERM_LOOK);
	*over |= program_take(p, fds);
	return !*over || process_tree_signal(root, 0);
}

void program_terminate(struct program *p, pid_t root)
{
	int64_t limit = clock_now(&clock_monotonic) + TERM_PATIENCE;
	pid_t top = root ? root : p->pid;
	bool over = p->pid_fd == -1;

	p->stopped |= !over;
	(void)process_tree_signal(top, SIGTERM);
	(void)kill(-p->pid, SIGTERM);
	(void)kill(-p->pid, SIGCONT); /* it may have been told to hang */
	while (lives_on(p, top, &over))
		if (clock_now(&clock_monotonic) >= limit)
			break;
	(void)process_tree_signal(top, SIGKILL);
	(void)kill(-p->pid, SIGKILL);
}

json_t *program_json(const struct program *p)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned len = 0;

	EVP_DigestFinal_ex(p->out.sha, digest, &len);
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
	return json_pack("{s:i,s:f,s:f,s:I,s:I,s:s,s:b,s:b,s:I}", "exit_status", p->status, "began",
			 clock_seconds(p->begun), "duration", clock_seconds(p->ended - p->begun),
			 "output_bytes", (json_int_t)p->out.bytes, "error_bytes",
			 (json_int_t)p->err.bytes, "sha256", hex, "stopped", p->stopped, "limited",
			 p->limited, "outlived", (json_int_t)p->outlived);
}

static void close_fd(int fd)
{
	if (fd != -1)
		close(fd);
}

void program_fini(struct program *p)
{
	EVP_MD_CTX_free(p->out.sha);
	close_fd(p->out.pipe_fd);
	close_fd(p->err.pipe_fd);
	close_fd(p->pid_fd);
	write_part(&p->err);
	if (p->err.file_fd != p->out.file_fd)
		close_fd(p->err.file_fd);
	close_fd(p->out.file_fd);
}
