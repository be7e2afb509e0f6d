/* sockopt.c - a socket may be IPv4's or IPv6's: each function asks the family that it meets. */
#include "proxy/base/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SO_ORIGINAL_DESTINATION 80 /* SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST */

int sock_mark(int fd, uint32_t mark)
{
	return mark ? setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) : 0;
}

int sock_tcp(int family, uint32_t mark)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd == -1)
		return -1;
	sock_nodelay(fd);
	sock_set_int(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	if (sock_mark(fd, mark) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* One flag of the socket, which an IPv6 one has for its IPv4 connections too. */
int sock_transparent(int fd, int family)
{
	int on = 1;

	return family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &on, sizeof(on))
				  : setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on));
}

/* A socket that nobody has told one tells the namespace's. */
uint8_t sock_hop_limit(int family)
{
	int limit = 0, fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(limit);

	if (fd == -1)
		return 0;
	if (family == AF_INET6)
		getsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &limit, &len);
	else
		getsockopt(fd, IPPROTO_IP, IP_TTL, &limit, &len);
	close(fd);
	return limit > 0 && limit <= UINT8_MAX ? (uint8_t)limit : 0;
}

/* Not by SO_BINDTODEVICE: an IPv6 socket on lo finds no way back to the host's other addresses. */
int sock_loopback_only(int fd)
{
	enum { LOOPBACK = 1 }; /* lo's index, in every network namespace */
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOOPBACK, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void sock_prefer_first(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)}; /* its place in the group */
	const struct sock_fprog program = {.len = 1, .filter = code};

	(void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program));
}

void sock_prefer_none(int fd)
{
	int ignored = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &ignored, sizeof(ignored));
}

bool sock_is_own(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct addr any_port = *a;
	bool own;

	if (fd == -1)
		return false;
	addr_set_port(&any_port, 0);
	own = bind(fd, &any_port.sa, any_port.len) == 0;
	close(fd);
	return own;
}

int sock_source(const struct addr *to, struct addr *from)
{
	int fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	if (fd == -1)
		return -1;
	rc = connect(fd, &to->sa, to->len);
	if (rc == 0) {
		sock_local(fd, from);
		addr_set_port(from, 0);
	}
	close(fd);
	return rc;
}

/* The kernel doubles the value for its own bookkeeping, and large segments need next to none: up to
 * the whole of the doubled value then fills with bytes (measured on Linux 6.18: 1.98 of it). */
void sock_rcvbuf(int fd, size_t bytes)
{
	if (bytes)
		sock_set_int(fd, SOL_SOCKET, SO_RCVBUF,
			     (int)(bytes < INT_MAX ? bytes / 2 : INT_MAX / 2));
}

/* The kernel's own size is that of a socket that nobody has touched. */
void sock_rcvbuf_change(int fd, size_t bytes)
{
	int family = AF_INET, fresh, size = 0;
	socklen_t len = sizeof(family);

	sock_rcvbuf(fd, bytes);
	if (bytes || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == -1)
		return;
	fresh = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fresh == -1)
		return;
	len = sizeof(size);
	if (getsockopt(fresh, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0)
		sock_set_int(fd, SOL_SOCKET, SO_RCVBUF, size / 2);
	close(fresh);
	sock_set_int(fd, SOL_SOCKET, SO_BUF_LOCK, 0);
}

void sock_close_reset(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

void sock_silence(int fd)
{
	sock_set_int(fd, IPPROTO_TCP, TCP_REPAIR, 1);
}

size_t sock_unacked(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

bool sock_at_mark(int fd)
{
	int at = 0;

	return ioctl(fd, SIOCATMARK, &at) == 0 && at;
}

/* Linux knows a peer of a TCP socket in every state but TCP_CLOSE and TCP_SYN_SENT (inet_getname()
 * in net/ipv4/af_inet.c), and asking for that costs less than TCP_INFO. */
bool sock_is_over(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return getpeername(fd, (struct sockaddr *)&peer, &len) == -1;
}

bool sock_has_fin(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_state == TCP_CLOSE_WAIT;
}

void sock_local(int fd, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->in6)};
	if (getsockname(fd, &a->sa, &a->len) == -1)
		a->len = 0;
	addr_unmap(a);
}

void sock_original(int fd, struct addr *a)
{
	struct addr local;
	int level;

	sock_local(fd, &local);
	level = local.sa.sa_family == AF_INET ? SOL_IP : SOL_IPV6;
	*a = (struct addr){.len = sizeof(a->in6)};
	if (getsockopt(fd, level, SO_ORIGINAL_DESTINATION, &a->in6, &a->len) == -1)
		*a = local;
}

void sock_peer(int fd, struct addr *a)
{
	*a = (struct addr){.len = sizeof(a->in6)};
	if (getpeername(fd, &a->sa, &a->len) == -1)
		a->len = 0;
	addr_unmap(a);
}

bool sock_may_mark(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), mark = 0;
	bool may = true;

	if (fd == -1)
		return true;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1)
		may = errno != EPERM;
	close(fd);
	return may;
}
