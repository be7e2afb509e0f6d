/* sock_ack.c - the options of Linux's TCP by which acknowledgements are steered and heard of. */
#include "proxy/base/sock_ack.h"

#include "proxy/base/sock.h"

#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

void sock_ack_later(int fd)
{
	sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
}

void sock_ack_now(int fd)
{
	sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
	sock_set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
}

void sock_tell_acked(int fd)
{
	sock_set_int(fd, SOL_SOCKET, SO_TIMESTAMPING,
		     SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
			 SOF_TIMESTAMPING_OPT_TSONLY);
}

void sock_forget_acked(int fd)
{
	char room[256];
	struct msghdr msg;

	do {
		msg = (struct msghdr){.msg_control = room, .msg_controllen = sizeof(room)};
	} while (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

int64_t sock_least_rtt(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ||
	    len < offsetof(struct tcp_info, tcpi_min_rtt) + sizeof(info.tcpi_min_rtt) ||
	    info.tcpi_min_rtt == UINT32_MAX)
		return 0;
	return (int64_t)info.tcpi_min_rtt * 1000;
}
