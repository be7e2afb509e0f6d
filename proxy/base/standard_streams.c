/* standard_streams.c - a process has one set of standard streams, so what is known of them is kept
 * here, beside libc's stdout and stderr. */
#include "proxy/base/standard_streams.h"

#include "proxy/base/clock.h"
#include "proxy/base/line_ring.h"
#include "proxy/base/mem.h"
#include "proxy/base/stderr_pump.h"
#include "proxy/base/text_print.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20) /* what Linux lets a user have */
#define SYNC_MS	   200
#define STEP_NS	   (1 * NS_PER_MS)
#define REAL_FROM  10 /* the standard error that wedge got has a number from here on */

static struct {
	struct sigaction pipe_signal, size_signal; /* as wedge got them */
	struct line_ring *ring;			   /* NULL: no process is between */
	int real;				   /* the standard error that wedge got */
	bool silent;				   /* which was closed */
	bool direct;				   /* the process between was killed */
	pid_t pump;
	int why; /* standard output lacks something: errno */
	struct text_print output_text, error_text;
} streams = {.real = -1};

/* The wrong direction makes each use fail with EBADF, as it would on the closed descriptor; a
 * program that wedge becomes gets it closed. */
static void open_place_holder(int fd)
{
	int null = open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);

	if (null == -1 || null == fd)
		return;
	dup3(null, fd, O_CLOEXEC);
	close(null);
}

/* Waits where a descriptor is non-blocking, which another program may have made it. */
static ssize_t write_output(const char *data, size_t len)
{
	struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(STDOUT_FILENO, data + done, len - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			(void)!poll(&writable, 1, -1);
		} else if (errno != EINTR) {
			streams.why = errno;
			return done ? (ssize_t)done : -1;
		}
	}
	return (ssize_t)done;
}

/* Returns whether the error is one of an instant. The pump always reads: should it be stopped, what
 * is written is lost, and nobody waits. Should it be killed, wedge writes itself, but only what
 * finds room. */
static bool can_try_again(struct pollfd *error_output)
{
	bool relayed = streams.ring && !streams.direct;

	if (errno == EAGAIN && !relayed)
		return poll(error_output, 1, streams.ring ? 0 : -1) > 0;
	if (errno != EPIPE || !relayed)
		return errno == EINTR;
	streams.direct = true;
	dup2(streams.real, STDERR_FILENO);
	return poll(error_output, 1, 0) > 0;
}

static ssize_t write_error(const char *data, size_t len)
{
	struct pollfd error_output = {.fd = STDERR_FILENO, .events = POLLOUT};
	size_t done = 0;

	while (done < len) {
		bool full = streams.direct && poll(&error_output, 1, 0) <= 0;
		ssize_t n = full ? -1 : write(STDERR_FILENO, data + done, len - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (full || !can_try_again(&error_output)) {
			if (streams.ring)
				line_ring_lose(streams.ring, line_ring_count(data, len), 0);
			break;
		}
	}
	return (ssize_t)len; /* the lines after it are tried, too */
}

/* The last step of all that wedge prints: no text of a file, of a command line or of the network
 * reaches a terminal as a command. */
static ssize_t write_escaped(struct text_print *state, const char *data, size_t len,
			     ssize_t (*write_bytes)(const char *, size_t))
{
	ssize_t done;
	size_t n;
	char *out;

	if (text_print_is_clean(state, data, len))
		return write_bytes(data, len);
	out = text_print_piece(state, data, len, &n);
	done = write_bytes(out, n);
	free(out);
	return done == (ssize_t)n ? (ssize_t)len : -1;
}

static ssize_t print_output(void *cookie, const char *data, size_t len)
{
	(void)cookie;
	return write_escaped(&streams.output_text, data, len, write_output);
}

static ssize_t print_error(void *cookie, const char *data, size_t len)
{
	(void)cookie;
	return write_escaped(&streams.error_text, data, len, write_error);
}

void standard_streams_erase_line(FILE *stream)
{
	static const char erase[] = "\r\033[K"; /* ECMA-48: EL */

	fflush(stream);
	if (stream == stdout)
		(void)write_output(erase, sizeof(erase) - 1);
	else
		(void)write_error(erase, sizeof(erase) - 1);
}

/* Streams of its own: the one remembers why it has failed, whoever has flushed it; the other writes
 * whole lines, and never waits once standard_streams_relay was called. */
static void open_streams(void)
{
	const cookie_io_functions_t to_output = {.write = print_output};
	const cookie_io_functions_t to_error = {.write = print_error};
	FILE *output = fopencookie(NULL, "w", to_output), *error = fopencookie(NULL, "w", to_error);

	if (output) {
		if (isatty(STDOUT_FILENO))
			setvbuf(output, NULL, _IOLBF, 0);
		stdout = output;
	}
	if (error) {
		setvbuf(error, NULL, _IOLBF, 0);
		stderr = error;
	}
}

void standard_streams_begin(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1) {
			streams.silent = fd == STDERR_FILENO;
			open_place_holder(fd);
		}
	sigaction(SIGPIPE, &ignore, &streams.pipe_signal);
	sigaction(SIGXFSZ, &ignore, &streams.size_signal); /* as a full disk: write() says so */
	open_streams();
}

static bool make_pump(int ends[2])
{
	struct err e;

	streams.ring = line_ring_new(WRITER_ROOM, &e);
	if (!streams.ring)
		return false;
	fflush(NULL);
	streams.pump = fork();
	if (streams.pump == 0) {
		close(ends[1]);
		stderr_pump(ends[0], streams.real, streams.ring);
	}
	if (streams.pump > 0)
		return true;
	line_ring_free(streams.ring);
	streams.ring = NULL;
	return false;
}

void standard_streams_relay(void)
{
	int ends[2];

	streams.real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, REAL_FROM);
	if (streams.real == -1 || pipe2(ends, O_CLOEXEC) == -1)
		return;
	(void)!fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	if (make_pump(ends) && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
		dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

bool standard_streams_terminal(void)
{
	return isatty(streams.ring ? streams.real : STDERR_FILENO);
}

static void sleep_step(void)
{
	const struct timespec step = {.tv_nsec = STEP_NS};

	nanosleep(&step, NULL);
}

static bool is_on_its_way(void)
{
	const char *data;
	int waiting = 0;

	if (ioctl(STDERR_FILENO, FIONREAD, &waiting) == 0 && waiting)
		return true;
	return line_ring_look(streams.ring, &data) != 0;
}

void standard_streams_sync(void)
{
	int64_t until = clock_now(&clock_monotonic) + SYNC_MS * NS_PER_MS;
	unsigned quiet = 0;

	/* Twice: between pipe and ring there is a moment in which a line is in neither. */
	while (streams.ring && !streams.direct && quiet < 2 &&
	       clock_now(&clock_monotonic) < until) {
		quiet = is_on_its_way() ? 0 : quiet + 1;
		sleep_step();
	}
}

struct writer_losses standard_streams_losses(void)
{
	struct writer_losses l = {.why = ""};
	int why;

	if (!streams.ring)
		return l;
	standard_streams_sync();
	l.lines = atomic_load(&streams.ring->lost);
	why = atomic_load(&streams.ring->why);
	if (l.lines)
		l.why = why ? strerror(why) : WRITER_NOT_TAKEN;
	return l;
}

void standard_streams_give(void)
{
	if (streams.ring)
		dup2(streams.real, STDERR_FILENO);
	if (streams.silent)
		fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC);
	sigaction(SIGPIPE, &streams.pipe_signal, NULL);
	sigaction(SIGXFSZ, &streams.size_signal, NULL);
}

/* The pump ends by itself when nobody has its pipe any more: a capture that is being written may
 * have it for longer. Returns false when it was killed before. */
static bool end_relay(void)
{
	int64_t until = clock_now(&clock_monotonic) + (WRITER_END_MS + 300) * NS_PER_MS;
	int status = 0;

	if (!streams.ring)
		return true;
	dup2(streams.real, STDERR_FILENO);
	while (waitpid(streams.pump, &status, WNOHANG) == 0 && clock_now(&clock_monotonic) < until)
		sleep_step();
	return status == 0;
}

static bool end_output(void)
{
	fflush(stdout);
	fflush(stderr);
	if (streams.why)
		fprintf(stderr, "wedge: error: standard output is incomplete: %s\n",
			strerror(streams.why));
	return !streams.why;
}

int standard_streams_end(int status, int failed)
{
	bool written = end_output();

	if (!end_relay()) {
		fputs("wedge: error: the process that writes standard error was killed\n", stderr);
		written = false;
	}
	return written || status ? status : failed;
}
