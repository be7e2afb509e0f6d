/* sweep.c - looks at /proc/PID/ns until no process names one of the namespaces. */
#include "proxy/exec/sweep.h"

#include "proxy/base/clock.h"
#include "proxy/base/units.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GRACE (1 * NS_PER_S) /* between SIGTERM and SIGKILL */
#define LIMIT (2 * NS_PER_S) /* in all */
#define STEP  (2 * NS_PER_MS)

static bool is_in(int pid, const char *kind, int ns)
{
	char path[64];
	struct stat wanted, st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	return ns != -1 && fstat(ns, &wanted) == 0 && stat(path, &st) == 0 &&
	       st.st_dev == wanted.st_dev && st.st_ino == wanted.st_ino;
}

static bool is_inside(int pid, const struct sweep *w)
{
	return is_in(pid, "net", w->net) || is_in(pid, "mnt", w->mnt) ||
	       is_in(pid, "time_for_children", w->time) ||
	       (w->descendants && descendants_has(w->descendants, pid));
}

/* By descriptor: the number may become another process's at any time. */
static void signal_process(int pid, const struct sweep *w, int signum)
{
	int fd = pidfd_open(pid, 0);

	if (fd == -1)
		return;
	if (is_inside(pid, w)) {
		pidfd_send_signal(fd, signum, NULL, 0);
		if (signum == SIGTERM)
			pidfd_send_signal(fd, SIGCONT, NULL, 0);
	}
	close(fd);
}

/* Signals the processes inside, unless signum is 0. Returns their number. */
static size_t signal_all(const struct sweep *w, int signum)
{
	struct dirent *d;
	size_t n = 0;
	DIR *proc;

	if (w->descendants)
		descendants_reap(w->descendants, 0);
	proc = opendir("/proc");

	while (proc && (d = readdir(proc))) {
		uint64_t pid;

		if (parse_count(d->d_name, &pid, NULL) == -1 || !is_inside((int)pid, w))
			continue;
		n++;
		if (signum)
			signal_process((int)pid, w, signum);
	}
	if (proc)
		closedir(proc);
	return n;
}

void sweep_processes(const struct sweep *w)
{
	int64_t began = clock_now(&clock_monotonic), waited = 0;
	const struct timespec step = {.tv_nsec = STEP};
	int signum = SIGTERM;

	while (waited < LIMIT && signal_all(w, signum)) {
		nanosleep(&step, NULL);
		waited = clock_now(&clock_monotonic) - began;
		signum = waited < GRACE ? 0 : SIGKILL;
	}
}
