/* writer_process.c - blocks where the output blocks, which is what this process is for. */
#include "proxy/base/writer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH	 65536 /* bytes of one write() */
#define PAUSE_MS 20    /* between two looks while lines come: nobody need wake this process then */

enum { BELL = 3, OUT, FIRST_FREE };

struct process {
	const struct writer_output *o;
	struct line_ring *ring;
	int out;	 /* -1: a FIFO that isn't open yet */
	size_t half;	 /* bytes of the ring's first line that are written */
	uint64_t failed; /* lines that couldn't be written, not yet told in the output */
	int why;
	bool told;
};

/* wedge was killed: what is left has as long as at an ordinary end. */
static void parent_died(int signal_number)
{
	(void)signal_number;
	alarm(WRITER_END_MS / 1000);
}

/* A terminal's or a service manager's signals to the group mean wedge. */
static void take_signals(void)
{
	const struct sigaction died = {.sa_handler = parent_died, .sa_flags = SA_RESTART};
	sigset_t set;

	setsid();
	signal(SIGALRM, SIG_DFL);
	sigaction(SIGUSR1, &died, NULL);
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigdelset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
	prctl(PR_SET_NAME, "wedge-writer", 0, 0, 0);
}

/* Keeps standard error, the bell and the output: a reader of wedge's other files must not wait for
 * this process. */
static void leave_files(const struct writer_output *o, int bell)
{
	const int wanted[] = {bell, o->fd};
	int high[ARRAY_LEN(wanted)], null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		high[i] = wanted[i] == -1 ? -1 : fcntl(wanted[i], F_DUPFD_CLOEXEC, FIRST_FREE);
	for (int fd = 0; fd < 2 && null != -1; fd++)
		dup2(null, fd);
	if (!o->name && null != -1)
		dup2(null, STDERR_FILENO);
	for (int i = 0; i < (int)ARRAY_LEN(wanted); i++)
		if (high[i] == -1)
			close(BELL + i);
		else
			dup2(high[i], BELL + i);
	close_range(FIRST_FREE, ~0u, 0);
}

/* Waits for a reader, the first one or another. The old end stays open until then: with nobody at
 * either end the FIFO would lose what it holds. */
static bool reopen_fifo(struct process *p)
{
	int fd;

	if (!p->o->fifo)
		return false;
	do {
		fd = open(p->o->fifo, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd == -1 && errno == EINTR);
	if (fd == -1)
		return false;
	if (p->out != -1)
		close(p->out);
	p->out = fd;
	return true;
}

/* Descriptors come as supervisors leave them: non-blocking, too. */
static bool can_try_again(struct process *p)
{
	struct pollfd writable = {.fd = p->out, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	if (errno == EAGAIN)
		return poll(&writable, 1, -1) != -1 || errno == EINTR;
	return errno == EPIPE && reopen_fifo(p);
}

/* Writes some bytes behind what is written already. Returns their number, or -1 with errno. */
static ssize_t write_some(struct process *p, const char *data, size_t len)
{
	ssize_t n;

	if (p->out == -1 && !reopen_fifo(p))
		return -1;
	do {
		n = write(p->out, data + p->half, len - p->half);
	} while (n == -1 && can_try_again(p));
	return n;
}

/* No half line stays in a file, where it would spoil the next one, or pass for a whole one. */
static void cut_half_line(struct process *p)
{
	struct stat st;
	off_t end = lseek(p->out, 0, SEEK_CUR);

	if (p->half && end > 0 && fstat(p->out, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == end && ftruncate(p->out, end - (off_t)p->half) == 0)
		lseek(p->out, end - (off_t)p->half, SEEK_SET);
	p->half = 0;
}

static void tell_failure(struct process *p, int why)
{
	if (!p->told && p->o->name)
		fprintf(stderr, "wedge: error: %s is incomplete: %s\n", p->o->name, strerror(why));
	p->told = true;
}

/* Takes off the ring what has been written of the batch: whole lines, and the rest once all of it
 * is. */
static void take_written(struct process *p, const char *data, size_t len, size_t written)
{
	const char *last = written == len ? data + len - 1 : memrchr(data, '\n', written);
	size_t whole = last ? (size_t)(last + 1 - data) : 0;

	line_ring_take(p->ring, whole);
	p->half = written - whole;
}

/* Writes what is in the ring, at most a batch: an output that fails is tried again with the next
 * one. */
static void write_batch(struct process *p, const char *data, size_t len)
{
	const char *last = len > BATCH ? memrchr(data, '\n', BATCH) : NULL;
	size_t batch = last ? (size_t)(last + 1 - data) : len;
	ssize_t n = write_some(p, data, batch);
	uint64_t lines;

	if (n >= 0) {
		take_written(p, data, batch, p->half + (size_t)n);
		return;
	}
	p->why = errno;
	tell_failure(p, p->why);
	if (p->out != -1)
		cut_half_line(p);
	lines = line_ring_count(data, batch);
	p->failed += lines;
	line_ring_lose(p->ring, lines, p->why);
	line_ring_take(p->ring, batch);
}

/* Tells in the output what is missing in front of what comes next. */
static void write_gap(struct process *p)
{
	char *line = p->o->gap(p->o->arg, p->failed, strerror(p->why));
	size_t len = strlen(line);
	ssize_t n = write_some(p, line, len);

	if (n == (ssize_t)len) {
		p->failed = 0;
	} else if (n > 0) {
		p->half = (size_t)n;
		cut_half_line(p);
	}
	free(line);
}

static void write_all(struct process *p)
{
	const char *data;
	size_t len;

	while ((len = line_ring_look(p->ring, &data))) {
		if (p->failed && !p->half)
			write_gap(p);
		write_batch(p, data, len);
	}
}

/* Waits for the bell, or for a moment. Returns false when nobody can ring it any more. */
static bool await_bell(int timeout_ms)
{
	struct pollfd bell = {.fd = BELL, .events = POLLIN};
	char bytes[64];

	if (poll(&bell, 1, timeout_ms) <= 0 || !bell.revents)
		return true;
	return recv(BELL, bytes, sizeof(bytes), MSG_DONTWAIT) != 0;
}

_Noreturn void writer_process(const struct writer_output *o, struct line_ring *ring, int bell)
{
	struct process p = {.o = o, .ring = ring};
	bool rung = true;

	take_signals();
	leave_files(o, bell);
	p.out = o->fd == -1 ? -1 : OUT;
	while (rung && !atomic_load(&ring->over)) {
		const char *data;

		write_all(&p);
		rung = await_bell(PAUSE_MS);
		if (line_ring_look(ring, &data) || !rung)
			continue;
		atomic_store(&ring->idle, true);
		if (!line_ring_look(ring, &data) && !atomic_load(&ring->over))
			rung = await_bell(-1);
		atomic_store(&ring->idle, false);
	}
	alarm(WRITER_END_MS / 1000);
	write_all(&p);
	if (p.failed && p.out != -1)
		write_gap(&p);
	_exit(0);
}
