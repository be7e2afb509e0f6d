/* live_run.c - the process has nothing but the folder, its socket, and a pipe by which it learns of
 * the run's end, however that ends. */
#include "scenarios/live/live_run.h"

#include "proxy/base/mem.h"
#include "proxy/base/run_folder.h"
#include "proxy/base/run_line.h"
#include "proxy/base/version.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define VIEWERS_MAX 6

enum { LIFELINE, LISTENER, VIEWERS };

struct live_run {
	int lifeline;
	pid_t pid;
};

/* What the process has. */
struct window {
	const char *what;
	const enum leg *legs;
	int report; /* the run's folder */
	char name[RUN_NAME_MAX];
	struct pollfd fds[VIEWERS + VIEWERS_MAX];
};

static json_t *describe_run(const struct window *w)
{
	return json_pack("{s:s, s:I, s:s, s:s}", "wedge", WEDGE_VERSION, "pid",
			 (json_int_t)getpid(), "what", w->what, "why", "");
}

static void meet_viewer(struct window *w)
{
	int fd = accept4(w->fds[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t i = VIEWERS; i < ARRAY_LEN(w->fds) && fd != -1; i++)
		if (w->fds[i].fd == -1 && run_line_send(fd, describe_run(w), NULL, 0) == 0) {
			w->fds[i].fd = fd;
			return;
		}
	if (fd != -1)
		close(fd);
}

static void serve_viewer(const struct window *w, struct pollfd *p)
{
	char said[16];

	if (read(p->fd, said, sizeof(said)) > 0 &&
	    run_line_send(p->fd,
			  json_pack("{s:s, s:[i, i]}", "why", "", "legs", (int)w->legs[LEG_CLIENT],
				    (int)w->legs[LEG_SERVER]),
			  &w->report, 1) == 0)
		return;
	close(p->fd);
	p->fd = -1;
}

static _Noreturn void serve_viewers(struct window *w)
{
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "wedge-window");
	for (int fd = 0; fd < 3; fd++) /* no pipeline must wait for this process */
		close(fd);
	while (poll(w->fds, ARRAY_LEN(w->fds), -1) >= 0 && !w->fds[LIFELINE].revents) {
		if (w->fds[LISTENER].revents)
			meet_viewer(w);
		for (size_t i = VIEWERS; i < ARRAY_LEN(w->fds); i++)
			if (w->fds[i].revents)
				serve_viewer(w, &w->fds[i]);
	}
	run_folder_leave(w->name);
	_exit(0);
}

static int open_window(struct window *w, const char *folder)
{
	struct err ignored;

	w->report = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->fds[LISTENER].fd = run_folder_listen(w->name, &ignored);
	return w->report == -1 || w->fds[LISTENER].fd == -1 ? -1 : 0;
}

static void close_window(const struct window *w)
{
	const int fds[] = {w->report, w->fds[LISTENER].fd};

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] != -1)
			close(fds[i]);
}

/* A process by which it can't be found any more than before is none. */
static pid_t start_process(struct window *w, int ends[2])
{
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		w->fds[LIFELINE].fd = ends[0];
		serve_viewers(w);
	}
	close(ends[0]);
	if (pid == -1)
		close(ends[1]);
	return pid;
}

struct live_run *live_run_begin(const char *folder, const char *what,
				const enum leg legs[LEG_COUNT])
{
	struct window w = {.what = what, .legs = legs, .report = -1};
	struct live_run *r = NULL;
	pid_t pid = -1;
	int ends[2];

	for (size_t i = 0; i < ARRAY_LEN(w.fds); i++)
		w.fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (open_window(&w, folder) == 0)
		pid = start_process(&w, ends);
	if (pid != -1) {
		r = xcalloc(1, sizeof(*r));
		*r = (struct live_run){ends[1], pid};
	}
	close_window(&w);
	return r;
}

void live_run_end(struct live_run *r)
{
	if (!r)
		return;
	(void)!write(r->lifeline, "k", 1); /* processes of the run may have this end, too */
	close(r->lifeline);
	waitpid(r->pid, NULL, 0);
	free(r);
}
