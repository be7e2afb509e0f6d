/* load_rate.c - clients that are always ready to send more; what is counted has arrived, whether
 * bytes or answers. */
#include "tests/bench/load_rate.h"

#include "tests/bench/load_net.h"
#include "tests/bench/load_server.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Slow start and buffers that grow are over by then on loopback. */
#define WARM_UP_NS	 300000000LL
#define MOST_DESCRIPTORS (1 << 20)

/* What lies between two moments, of something that is counted. */
struct span {
	int64_t warm_ns, begin_ns, length_ns;
	uint64_t at_begin;
};

static void span_init(struct span *s, double seconds)
{
	s->warm_ns = load_now() + WARM_UP_NS;
	s->begin_ns = 0;
	s->length_ns = (int64_t)(seconds * 1e9);
}

/* Whether the time is over; says on standard output when it begins, for who measures something else
 * meanwhile. */
static int span_over(struct span *s, uint64_t count)
{
	int64_t now = load_now();

	if (!s->begin_ns && now >= s->warm_ns) {
		puts("{\"begin\": true}");
		fflush(stdout);
		s->begin_ns = load_now();
		s->at_begin = count;
	}
	return s->begin_ns && now >= s->begin_ns + s->length_ns;
}

static void span_print(const struct span *s, uint64_t count, uint64_t failed)
{
	printf("{\"seconds\": %.6f, \"count\": %" PRIu64 ", \"failed\": %" PRIu64 "}\n",
	       (double)(load_now() - s->begin_ns) / 1e9, count - s->at_begin, failed);
	fflush(stdout);
}

static void set_pace(int fd, double bytes_per_second)
{
	uint64_t pace = (uint64_t)bytes_per_second;

	if (setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &pace, sizeof(pace)) == -1)
		load_die("SO_MAX_PACING_RATE");
}

int load_bulk(char **words)
{
	static char bytes[LOAD_BUFFER];
	int n = (int)load_number(words[2]), epoll = load_epoll();
	double seconds = load_number(words[3]), pace = words[4] ? load_number(words[4]) : 0;
	struct epoll_event events[LOAD_EVENTS];
	struct load_seen *seen;
	pid_t server = -1;
	struct span span;

	server = load_serve_beside(words[1], LOAD_SINK, 0, &seen);
	for (int i = 0; i < n; i++) {
		int fd = load_dial(words[0]);

		if (pace > 0)
			set_pace(fd, pace / n);
		load_watch(epoll, fd, EPOLLOUT);
	}
	span_init(&span, seconds);
	while (!span_over(&span, seen->bytes)) {
		int ready = epoll_wait(epoll, events, LOAD_EVENTS, 10);

		for (int i = 0; i < ready; i++)
			if (send(events[i].data.fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == -1 &&
			    errno != EAGAIN)
				load_die("send");
	}
	span_print(&span, seen->bytes, 0);
	load_serve_end(server);
	return 0;
}

/* The rest of an answer; 0 when it is whole. */
static size_t take_answer(int fd, char *buffer, size_t left)
{
	ssize_t got = recv(fd, buffer, left, 0);

	if (got == 0 || (got == -1 && errno != EAGAIN))
		load_die("an answer");
	return got == -1 ? left : left - (size_t)got;
}

int load_ping(char **words)
{
	static char bytes[LOAD_BUFFER];
	int n = (int)load_number(words[2]), epoll = load_epoll();
	size_t size = (size_t)load_number(words[4]),
	       *left = calloc(MOST_DESCRIPTORS, sizeof(*left));
	struct epoll_event events[LOAD_EVENTS];
	uint64_t answers = 0;
	struct load_seen *seen;
	pid_t server = -1;
	struct span span;

	if (!left || size < 1 || size > sizeof(bytes))
		load_die("size");
	if (strcmp(words[1], "-") != 0)
		server = load_serve_beside(words[1], LOAD_ECHO, 0, &seen);
	for (int i = 0; i < n; i++) {
		int fd = load_dial(words[0]);

		load_watch(epoll, fd, EPOLLIN);
		left[fd] = size;
		if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
			load_die("send");
	}
	span_init(&span, load_number(words[3]));
	while (!span_over(&span, answers)) {
		int ready = epoll_wait(epoll, events, LOAD_EVENTS, 10);

		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;

			left[fd] = take_answer(fd, bytes, left[fd]);
			if (left[fd])
				continue;
			answers++;
			left[fd] = size;
			if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
				load_die("send");
		}
	}
	span_print(&span, answers, 0);
	if (server != -1)
		load_serve_end(server);
	free(left);
	return 0;
}

/* Begins a connection, on which there is something to do when it is writable: its request is sent.
 */
static void begin_connection(int epoll, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1)
		load_die("socket");
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == -1 && errno != EINPROGRESS)
		load_die("connect");
	load_watch(epoll, fd, EPOLLOUT);
}

/* Sends the request of a connection that stands; false: it doesn't. */
static int ask_for_byte(int epoll, int fd)
{
	struct epoll_event wait = {.events = EPOLLIN, .data.fd = fd};

	return send(fd, "?", 1, MSG_NOSIGNAL) == 1 &&
	       epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &wait) == 0;
}

int load_connect(char **words)
{
	struct sockaddr_in to = load_address(words[0]);
	int n = (int)load_number(words[2]), epoll = load_epoll();
	struct epoll_event events[LOAD_EVENTS];
	uint64_t done = 0, failed = 0;
	struct load_seen *seen;
	pid_t server = -1;
	struct span span;
	char answer;

	server = load_serve_beside(words[1], LOAD_ECHO, 0, &seen);
	for (int i = 0; i < n; i++)
		begin_connection(epoll, &to);
	span_init(&span, load_number(words[3]));
	while (!span_over(&span, done)) {
		int ready = epoll_wait(epoll, events, LOAD_EVENTS, 10);

		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;

			if (events[i].events & EPOLLIN && recv(fd, &answer, 1, 0) == 1)
				done++;
			else if (events[i].events == EPOLLOUT && ask_for_byte(epoll, fd))
				continue;
			else
				failed++;
			close(fd);
			begin_connection(epoll, &to);
		}
	}
	span_print(&span, done, failed);
	load_serve_end(server);
	return 0;
}
