/* stderr_pump.c - always reads, whatever becomes of what it has read. */
#include "proxy/base/stderr_pump.h"

#include "proxy/base/mem.h"
#include "proxy/base/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CHUNK 65536

enum { PIPE = 3, OUT, FIRST_FREE };

static char *gap_line(void *arg, unsigned long long lines, const char *why)
{
	(void)arg;
	return xasprintf("wedge: warning: %llu %s lost here: %s\n", lines,
			 lines == 1 ? "line is" : "lines are", why);
}

static void stand_alone(int *pipe, int *out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high_pipe = fcntl(*pipe, F_DUPFD_CLOEXEC, FIRST_FREE);
	int high_out = fcntl(*out, F_DUPFD_CLOEXEC, FIRST_FREE);
	sigset_t all;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_NAME, "wedge-log", 0, 0, 0);
	for (int fd = 0; fd <= STDERR_FILENO && null != -1; fd++)
		dup2(null, fd);
	*pipe = dup2(high_pipe, PIPE);
	*out = dup2(high_out, OUT);
	close_range(FIRST_FREE, ~0u, 0);
}

/* Without its writer this process is of no use: wedge notices that it has ended. */
static void writer_died(int signal_number)
{
	(void)signal_number;
	_exit(1);
}

static void watch_writer(int how)
{
	sigset_t child;

	signal(SIGCHLD, writer_died);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(how, &child, NULL);
}

/* Puts whole lines, and what is left of a line when nothing follows it. Returns the bytes kept. */
static size_t put_lines(struct writer *w, char *chunk, size_t used)
{
	const char *last = used == CHUNK ? memrchr(chunk, '\n', used) : NULL;
	size_t whole = last ? (size_t)(last + 1 - chunk) : used;

	writer_put(w, chunk, whole);
	memmove(chunk, chunk + whole, used - whole);
	return used - whole;
}

_Noreturn void stderr_pump(int pipe, int out, struct line_ring *ring)
{
	struct writer_output o = {.gap = gap_line, .ring = ring};
	static char chunk[CHUNK];
	struct writer *w;
	size_t used = 0;
	struct err e;
	ssize_t n;

	stand_alone(&pipe, &out);
	o.fd = out;
	w = writer_new(&o, &e);
	if (!w)
		_exit(1);
	close(out);
	watch_writer(SIG_UNBLOCK);
	while ((n = read(pipe, chunk + used, CHUNK - used)) > 0 || (n == -1 && errno == EINTR))
		if (n > 0)
			used = put_lines(w, chunk, used + (size_t)n);
	if (used)
		writer_put(w, chunk, used);
	watch_writer(SIG_BLOCK);
	writer_end(w);
	_exit(0);
}
