/* guard.c - a small process that does one thing when this one is gone, however it went. */
#include "proxy/packet/guard.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct guard {
	void (*act)(void *arg);
	void *arg;
	pid_t pid;
	int alive; /* our end of the pipe; nothing is ever written to it */
};

/* Standard streams go to /dev/null, so that nobody who reads ours waits for the guard; our end of
 * the pipe becomes descriptor 3. */
static void leave_files(int pipe_end)
{
	int kept = fcntl(pipe_end, F_DUPFD, 10), null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3 && null != -1; fd++)
		dup2(null, fd);
	dup2(kept, 3);
	close_range(4, ~0u, 0);
}

static void child(struct guard *g, int pipe_end)
{
	sigset_t all;
	char byte;

	/* A terminal's or a service manager's signals to the group mean wedge, not the guard. */
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_NAME, "wedge-guard");
	leave_files(pipe_end);
	while (read(3, &byte, 1) == -1 && errno == EINTR)
		continue;
	close(3);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	g->act(g->arg);
	_exit(0);
}

struct guard *guard_new(void (*act)(void *arg), void *arg, struct err *e)
{
	struct guard *g = xcalloc(1, sizeof(*g));
	int ends[2];

	g->act = act;
	g->arg = arg;
	if (pipe2(ends, O_CLOEXEC) == -1) {
		err_errno(e, "pipe");
		free(g);
		return NULL;
	}
	g->alive = ends[1];
	g->pid = fork();
	if (g->pid == 0)
		child(g, ends[0]);
	close(ends[0]);
	if (g->pid == -1) {
		err_errno(e, "can't fork the guard");
		close(g->alive);
		free(g);
		return NULL;
	}
	return g;
}

void guard_end(struct guard *g)
{
	int status = -1;

	if (!g)
		return;
	close(g->alive);
	while (waitpid(g->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (status != 0)
		g->act(g->arg);
	free(g);
}
