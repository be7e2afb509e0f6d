/* load_sessions.c - who waits here waits in the kernel, so that the generator takes no time from
 * what is measured. */
#include "tests/bench/load_sessions.h"

#include "tests/bench/load_net.h"
#include "tests/bench/load_server.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS    30000000000LL
#define MILLISECOND_NS 1000000LL

static void sleep_until(int64_t at_ns)
{
	struct timespec t = {.tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static int *dial_all(const char *address, int n)
{
	int *fds = calloc((size_t)n, sizeof(*fds));

	if (!fds)
		load_die("memory");
	for (int i = 0; i < n; i++)
		fds[i] = load_dial(address);
	return fds;
}

/* The byte that was sent has come back. */
static void await_byte(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;

	if (poll(&ready, 1, (int)(PATIENCE_NS / MILLISECOND_NS)) != 1 || recv(fd, &byte, 1, 0) != 1)
		load_die("a byte that comes back");
}

int load_sessions(char **words)
{
	static char bytes[1000];
	int n = (int)load_number(words[2]), stalled = strcmp(words[3], "stalled") == 0;
	size_t size = stalled ? sizeof(bytes) : 1;
	struct load_seen *seen;
	pid_t server = load_serve_beside(words[1], stalled ? LOAD_HELD : LOAD_ECHO, 0, &seen);
	int *fds = dial_all(words[0], n);
	char line[32];

	for (int i = 0; i < n; i++)
		if (send(fds[i], bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
			load_die("send");
	for (int i = 0; i < n && !stalled; i++)
		await_byte(fds[i]);
	for (int64_t until = load_now() + PATIENCE_NS; seen->accepted < (uint64_t)n;)
		if (load_now() > until)
			load_die("connections at the server");
		else
			sleep_until(load_now() + MILLISECOND_NS);
	printf("{\"up\": %d}\n", n);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		if (strcmp(line, "reset\n") == 0) {
			kill(server, SIGUSR1);
			puts("{\"reset\": true}");
			fflush(stdout);
		}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	load_serve_end(server);
	free(fds);
	return 0;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void print_times(int64_t *took, uint64_t sent, uint64_t came)
{
	uint64_t missing = sent - came;

	qsort(took, sent, sizeof(*took), compare_times);
	took += missing; /* what hasn't come is 0, so in front */
	if (!came)
		load_die("no message came");
	printf("{\"sent\": %" PRIu64 ", \"came\": %" PRIu64 ", \"min\": %" PRId64
	       ", \"p50\": %" PRId64 ", \"p99\": %" PRId64 ", \"max\": %" PRId64 "}\n",
	       sent, came, took[0], took[came / 2], took[came * 99 / 100], took[came - 1]);
	fflush(stdout);
}

int load_paced(char **words)
{
	int n = (int)load_number(words[2]);
	double rate = load_number(words[3]);
	uint64_t messages = (uint64_t)(rate * load_number(words[4]));
	struct load_seen *seen;
	pid_t server = load_serve_beside(words[1], LOAD_STAMPED, messages, &seen);
	int *fds = dial_all(words[0], n);
	int64_t start;

	while (seen->accepted < (uint64_t)n)
		sleep_until(load_now() + MILLISECOND_NS);
	puts("{\"begin\": true}");
	fflush(stdout);
	start = load_now() + 10 * MILLISECOND_NS;
	for (uint64_t k = 0; k < messages; k++) {
		struct load_stamp stamp = {.number = k};

		sleep_until(start + (int64_t)((double)k * 1e9 / rate));
		stamp.sent_ns = load_now();
		if (send(fds[k % (uint64_t)n], &stamp, sizeof(stamp), MSG_NOSIGNAL) !=
		    sizeof(stamp))
			load_die("send");
	}
	for (int64_t until = load_now() + PATIENCE_NS;
	     seen->stamps < messages && load_now() < until;)
		sleep_until(load_now() + MILLISECOND_NS);
	print_times(seen->took_ns, messages, seen->stamps);
	load_serve_end(server);
	free(fds);
	return 0;
}
