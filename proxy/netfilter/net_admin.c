/* net_admin.c - a request that the kernel refuses either way, for one reason or for the other. */
#include "proxy/netfilter/net_admin.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/socket.h>

/* The request removes an address of interface 0, which doesn't exist: the kernel checks for
 * CAP_NET_ADMIN before it looks at the interface (rtnetlink_rcv_msg() in net/core/rtnetlink.c). */
bool net_admin_here(void)
{
	union {
		struct nlmsghdr header;
		uint8_t room[256];
	} request;
	uint8_t answer[4096];
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *h = mnl_nlmsg_put_header(&request);
	struct ifaddrmsg *a = mnl_nlmsg_put_extra_header(h, sizeof(*a));
	bool may = true;
	ssize_t n;

	h->nlmsg_type = RTM_DELADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	a->ifa_family = AF_INET;
	if (!nl)
		return true;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(nl, h, h->nlmsg_len) >= 0) {
		n = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		if (n > 0 &&
		    mnl_cb_run(answer, (size_t)n, 0, mnl_socket_get_portid(nl), NULL, NULL) < 0)
			may = errno != EPERM;
	}
	mnl_socket_close(nl);
	return may;
}
