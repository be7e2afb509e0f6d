/* sock.c - sockets are made non-blocking and closed on exec. */
#include "scenarios/workload/sock.h"

#include "proxy/base/clock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

int sock_listen(struct addr *a, struct err *e)
{
	char text[ADDR_TEXT];
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return err_errno(e, "cannot make a socket");
	sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->sa.sa_family == AF_INET6)
		sock_set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	a->len = a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
	if (bind(fd, &a->sa, a->len) || listen(fd, SOMAXCONN) || getsockname(fd, &a->sa, &a->len)) {
		err_errno(e, "cannot listen on %s", addr_format(a, text));
		close(fd);
		return -1;
	}
	return fd;
}

int sock_connect(const struct addr *a, const struct addr *local, struct err *e)
{
	char text[ADDR_TEXT];
	int error, fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return err_errno(e, "cannot make a socket");
	if (local) {
		sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (bind(fd, &local->sa, local->len)) {
			err_errno(e, "bind to %s", addr_format(local, text));
			goto fail;
		}
	}
	if (connect(fd, &a->sa, a->len) && errno != EINPROGRESS) {
		err_errno(e, "connect to %s", addr_format(a, text));
		goto fail;
	}
	return fd;
fail:
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void sock_keepalive(int fd, int idle, int interval, int probes)
{
	sock_set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	sock_set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
	sock_set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
	sock_set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

void sock_poll_until(struct pollfd *fds, size_t n, int64_t due)
{
	int64_t left = due == INT64_MAX ? INT64_MAX : due - clock_now(&clock_monotonic);
	struct timespec ts;

	if (left < 0)
		left = 0;
	ts.tv_sec = left / NS_PER_S;
	ts.tv_nsec = left % NS_PER_S;
	if (ppoll(fds, n, due == INT64_MAX ? NULL : &ts, NULL) == -1)
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0; /* EINTR: look again */
}

void sock_prepare(void)
{
	struct rlimit limit;

	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	(void)prctl(PR_SET_TIMERSLACK, 1);
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
