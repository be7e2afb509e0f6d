/* vanish.c - a socket filter that takes nothing: the kernel drops what comes before TCP sees it. */
#include "scenarios/workload/vanish.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ACKED_WITHIN_MS                                                                            \
	20 /* what is on its way has been acknowledged by then: longer than a turn */

/* Returns whether all that was sent, a FIN too, is acknowledged: there is nothing to send again. */
static int await_acked(int fd)
{
	struct timespec moment = {.tv_nsec = 1000000};
	int left = 0;

	for (int i = 0; i < ACKED_WITHIN_MS; i++) {
		if (ioctl(fd, SIOCOUTQ, &left) == 0 && left == 0)
			return 1;
		(void)nanosleep(&moment, NULL);
	}
	return 0;
}

static int close_unheard(int fd)
{
	int on = 1, rc = setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on));

	close(fd);
	return rc;
}

int vanish_socket(int fd)
{
	static struct sock_filter take_nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	const struct sock_fprog filter = {.len = 1, .filter = take_nothing};
	int on = 1, off = 0;

	if (!await_acked(fd))
		return close_unheard(fd);
	/* An ACK that waits for data leaves now, not later; and nobody is asked after. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &off, sizeof(off));
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter));
}

int vanish_outlive(int msg_fd)
{
	pid_t pid = fork();

	if (pid)
		return pid == -1 ? -1 : 0;
	close(msg_fd);
	signal(SIGTERM, SIG_DFL);
	for (;;)
		pause();
}
