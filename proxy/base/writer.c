/* writer.c - wedge's side of a writer: puts lines, rings the bell of one who sleeps, waits at the
 * end. */
#include "proxy/base/writer.h"

#include "proxy/base/clock.h"
#include "proxy/base/line_ring.h"
#include "proxy/base/mem.h"
#include "proxy/base/writer_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_NS (1 * NS_PER_MS)	  /* between two looks at what the process has done */
#define KILL_NS (100 * NS_PER_MS) /* a process that SIGKILL ends is gone by then */

struct writer {
	struct writer_output output;
	struct line_ring *ring;
	pid_t pid;
	int bell;
	uint64_t skipped; /* lines that found no room, not yet told in the output */
	bool told;
};

static void free_writer(struct writer *w)
{
	if (!w->output.ring)
		line_ring_free(w->ring);
	free(w);
}

struct writer *writer_new(const struct writer_output *o, struct err *e)
{
	struct writer *w = xcalloc(1, sizeof(*w));
	int ends[2] = {-1, -1};

	w->output = *o;
	w->bell = -1;
	w->ring = o->ring ? o->ring : line_ring_new(WRITER_ROOM, e);
	if (!w->ring)
		goto fail;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1) {
		err_errno(e, "a socket to a writer");
		goto fail;
	}
	w->bell = ends[1];
	fflush(NULL);
	w->pid = fork();
	if (w->pid == 0)
		writer_process(&w->output, w->ring, ends[0]);
	close(ends[0]);
	if (w->pid == -1) {
		err_errno(e, "can't fork a writer");
		goto fail;
	}
	return w;
fail:
	if (w->bell != -1)
		close(w->bell);
	free_writer(w);
	return NULL;
}

/* A bell that is full has been rung; one that nobody hears belongs to a dead writer, whose ring
 * fills. */
static void ring_bell(struct writer *w)
{
	(void)!send(w->bell, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void tell_full(struct writer *w)
{
	if (!w->told && w->output.name)
		fprintf(stderr, "wedge: error: %s is incomplete: " WRITER_NOT_TAKEN "\n",
			w->output.name);
	w->told = true;
}

/* Tells first what is missing in front of the lines. */
static bool put_after_gap(struct writer *w, const char *lines, size_t len)
{
	char *gap = w->output.gap(w->output.arg, w->skipped, WRITER_NOT_TAKEN);
	size_t used = strlen(gap);
	char *both = xcalloc(used + len, 1);
	bool room;

	memcpy(both, gap, used);
	if (len)
		memcpy(both + used, lines, len);
	room = line_ring_put(w->ring, both, used + len);
	if (room)
		w->skipped = 0;
	free(gap);
	free(both);
	return room;
}

void writer_put(struct writer *w, const char *lines, size_t len)
{
	bool room = w->skipped ? put_after_gap(w, lines, len) : line_ring_put(w->ring, lines, len);

	if (!room) {
		uint64_t n = line_ring_count(lines, len);

		w->skipped += n;
		line_ring_lose(w->ring, n, 0);
		tell_full(w);
	}
	if (atomic_exchange(&w->ring->idle, false))
		ring_bell(w);
}

/* The end of a process that waits for nothing but the output. */
static bool has_ended(struct writer *w)
{
	pid_t got = waitpid(w->pid, NULL, WNOHANG);

	if (got == w->pid || (got == -1 && errno == ECHILD))
		w->pid = 0;
	return !w->pid;
}

static void sleep_step(void)
{
	const struct timespec step = {.tv_nsec = STEP_NS};

	nanosleep(&step, NULL);
}

struct writer_losses writer_losses(const struct writer *w)
{
	int why = atomic_load(&w->ring->why);
	struct writer_losses l = {.lines = atomic_load(&w->ring->lost), .why = ""};

	if (l.lines)
		l.why = why ? strerror(why) : WRITER_NOT_TAKEN;
	return l;
}

int writer_bell(const struct writer *w)
{
	return w->bell;
}

static void await_end(struct writer *w, int64_t until)
{
	while (!has_ended(w) && clock_now(&clock_monotonic) < until)
		sleep_step();
}

/* The last lines are missing: the output ends with the word of it. */
static void put_last_gap(struct writer *w, int64_t until)
{
	while (w->skipped && !put_after_gap(w, "", 0) && !has_ended(w) &&
	       clock_now(&clock_monotonic) < until)
		sleep_step();
}

/* A process in an uninterruptible wait for a disk outlives SIGKILL: nobody waits for it. */
struct writer_losses writer_end(struct writer *w)
{
	int64_t until = clock_now(&clock_monotonic) + WRITER_END_MS * NS_PER_MS;
	struct writer_losses l;
	const char *data;
	size_t left;

	put_last_gap(w, until);
	atomic_store(&w->ring->over, true);
	ring_bell(w);
	close(w->bell);
	await_end(w, until);
	if (w->pid) {
		kill(w->pid, SIGKILL);
		await_end(w, clock_now(&clock_monotonic) + KILL_NS);
	}
	left = line_ring_look(w->ring, &data);
	if (left)
		line_ring_lose(w->ring, line_ring_count(data, left), 0);
	l = writer_losses(w);
	free_writer(w);
	return l;
}
