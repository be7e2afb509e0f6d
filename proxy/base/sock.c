/* sock.c - one call of the kernel each. */
#include "proxy/base/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

void sock_set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

void sock_nodelay(int fd)
{
	sock_set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void sock_quickack(int fd)
{
	sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

int sock_take_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ? errno : error;
}
