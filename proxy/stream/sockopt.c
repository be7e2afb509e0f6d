/* sockopt.c - the socket options and questions of the stream plane, one small function each. */
#include "proxy/stream/sockopt.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* On a socket whose connection is over the kernel may refuse an option: nothing is lost then. */
static void set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

int sock_tcp(int family, uint32_t mark)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd == -1)
		return -1;
	sock_nodelay(fd);
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

void sock_nodelay(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void sock_quickack(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

void sock_close_reset(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

size_t sock_unacked(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

bool sock_is_over(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ||
	       info.tcpi_state == TCP_CLOSE;
}

int sock_take_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ? errno : error;
}

void sock_local(int fd, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->ss)};
	if (getsockname(fd, &a->sa, &a->len) == -1)
		a->len = 0;
	addr_unmap(a);
}

void sock_peer(int fd, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->ss)};
	if (getpeername(fd, &a->sa, &a->len) == -1)
		a->len = 0;
	addr_unmap(a);
}
