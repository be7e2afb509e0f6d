/* load_server.c - one loop over epoll; a connection's descriptor is all that is known of it, but
 * for half a stamp. */
#include "tests/bench/load_server.h"

#include "tests/bench/load_net.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_DESCRIPTORS (1 << 20)

struct server {
	enum load_serve how;
	int epoll, listener, highest;
	struct load_seen *seen;
	char *buffer;
	char *open; /* by descriptor: is it a connection? */
	struct {
		size_t n;
		char bytes[sizeof(struct load_stamp)];
	} * halves; /* by descriptor: a stamp of which a part has come */
};

static volatile sig_atomic_t reset_wanted;

static void note_signal(int number)
{
	(void)number;
	reset_wanted = 1;
}

static void accept_all(struct server *s)
{
	int fd, one = 1;

	while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		s->open[fd] = 1;
		s->halves[fd].n = 0;
		if (fd > s->highest)
			s->highest = fd;
		load_watch(s->epoll, fd, s->how == LOAD_HELD ? 0 : EPOLLIN);
		atomic_fetch_add(&s->seen->accepted, 1);
	}
	if (errno == EMFILE || errno == ENFILE)
		load_die("accept");
}

static void reset_all(struct server *s)
{
	reset_wanted = 0;
	for (int fd = 0; fd <= s->highest; fd++)
		if (s->open[fd]) {
			s->open[fd] = 0;
			load_reset(fd);
		}
}

static void give_back(int fd, const char *bytes, size_t n)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent == -1 && errno == EAGAIN)
			poll(&ready, 1, 1000);
		else if (sent == -1)
			return;
		else {
			bytes += sent;
			n -= (size_t)sent;
		}
	}
}

static void note_stamps(struct server *s, int fd, const char *bytes, size_t n)
{
	int64_t now = load_now();

	while (n > 0) {
		size_t part = sizeof(struct load_stamp) - s->halves[fd].n;
		struct load_stamp stamp;

		part = part < n ? part : n;
		memcpy(s->halves[fd].bytes + s->halves[fd].n, bytes, part);
		s->halves[fd].n += part;
		bytes += part;
		n -= part;
		if (s->halves[fd].n < sizeof(stamp))
			break;
		memcpy(&stamp, s->halves[fd].bytes, sizeof(stamp));
		s->halves[fd].n = 0;
		if (stamp.number < s->seen->room && !s->seen->took_ns[stamp.number]) {
			s->seen->took_ns[stamp.number] = now - stamp.sent_ns;
			atomic_fetch_add(&s->seen->stamps, 1);
		}
	}
}

static void read_once(struct server *s, int fd)
{
	ssize_t n = recv(fd, s->buffer, LOAD_BUFFER, 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		s->open[fd] = 0;
		close(fd);
		return;
	}
	/* One process writes: it needs no locked addition. */
	atomic_store_explicit(&s->seen->bytes, s->seen->bytes + (uint64_t)n, memory_order_relaxed);
	if (s->how == LOAD_ECHO)
		give_back(fd, s->buffer, (size_t)n);
	else if (s->how == LOAD_STAMPED)
		note_stamps(s, fd, s->buffer, (size_t)n);
}

static void end_held(struct server *s, int fd)
{
	s->open[fd] = 0;
	close(fd);
}

static void serve_forever(struct server *s)
{
	struct epoll_event events[LOAD_EVENTS];

	for (;;) {
		int n = epoll_wait(s->epoll, events, LOAD_EVENTS, -1);

		if (reset_wanted)
			reset_all(s);
		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == s->listener)
				accept_all(s);
			else if (!s->open[fd])
				continue;
			else if (s->how == LOAD_HELD)
				end_held(s, fd);
			else
				read_once(s, fd);
		}
	}
}

static void init_server(struct server *s, const char *address)
{
	struct sigaction on_reset = {.sa_handler = note_signal};

	sigaction(SIGUSR1, &on_reset, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->buffer = malloc(LOAD_BUFFER);
	s->open = calloc(MOST_DESCRIPTORS, 1);
	s->halves = calloc(MOST_DESCRIPTORS, sizeof(*s->halves));
	if (!s->buffer || !s->open || !s->halves)
		load_die("memory");
	s->epoll = load_epoll();
	s->listener = load_listen(address);
	load_watch(s->epoll, s->listener, EPOLLIN);
}

void load_serve(const char *address, enum load_serve how, struct load_seen *seen)
{
	struct server s = {.how = how, .seen = seen};

	init_server(&s, address);
	serve_forever(&s);
	exit(0);
}

pid_t load_serve_beside(const char *address, enum load_serve how, uint64_t room,
			struct load_seen **seen)
{
	struct server s = {.how = how};
	pid_t pid;

	*seen = s.seen = load_shared(sizeof(*s.seen));
	s.seen->room = room;
	s.seen->took_ns = load_shared((room ? room : 1) * sizeof(int64_t));
	init_server(&s, address);
	pid = fork();
	if (pid == -1)
		load_die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_forever(&s);
	}
	close(s.listener);
	close(s.epoll);
	signal(SIGUSR1, SIG_DFL);
	return pid;
}

void load_serve_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
