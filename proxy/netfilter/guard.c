/* guard.c - the kernel closes a dead process's files: the guard waits for its end of a socket pair
 * to say so. */
#include "proxy/netfilter/guard.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct guard {
	bool (*begin)(void *arg);
	void (*act)(void *arg);
	void *arg;
	pid_t pid;
	int alive; /* this end of the pair; one byte comes when the guard has begun */
};

/* Standard streams go to /dev/null, so that nobody who reads wedge's waits for the guard; the
 * guard's end of the pair becomes descriptor 3. */
static void close_files(int end)
{
	int kept = fcntl(end, F_DUPFD, 10), null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3 && null != -1; fd++)
		dup2(null, fd);
	dup2(kept, 3);
	close_range(4, ~0u, 0);
}

static void run_guard(struct guard *g, int end)
{
	sigset_t all;
	char byte;

	/* A terminal's or a service manager's signals to the group mean wedge, not the guard. */
	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_NAME, "wedge-guard");
	close_files(end);
	if (!g->begin(g->arg) || send(3, "", 1, MSG_NOSIGNAL) != 1)
		_exit(1);
	while (read(3, &byte, 1) == -1 && errno == EINTR)
		continue;
	close(3);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	g->act(g->arg);
	_exit(0);
}

static bool has_begun(const struct guard *g)
{
	ssize_t n;
	char byte;

	do {
		n = read(g->alive, &byte, 1);
	} while (n == -1 && errno == EINTR);
	return n == 1;
}

struct guard *guard_new(bool (*begin)(void *arg), void (*act)(void *arg), void *arg, struct err *e)
{
	struct guard *g = xcalloc(1, sizeof(*g));
	int ends[2];

	g->begin = begin;
	g->act = act;
	g->arg = arg;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1) {
		err_errno(e, "a socket to the guard");
		free(g);
		return NULL;
	}
	g->alive = ends[1];
	g->pid = fork();
	if (g->pid == 0)
		run_guard(g, ends[0]);
	close(ends[0]);
	if (g->pid == -1) {
		err_errno(e, "can't fork the guard");
		close(g->alive);
		free(g);
		return NULL;
	}
	if (!has_begun(g)) {
		err_set(e, "the guard can't begin");
		close(g->alive);
		while (waitpid(g->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
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
