/* unknown_host.c - the namespace's hop limit is asked for once, by the first who needs it. */
#include "proxy/packet/unknown_host.h"

#include "proxy/base/sockopt.h"

struct ip_marks unknown_host_marks(struct unknown_host *u, int family, bool forwarded)
{
	struct ip_marks m = ip_marks_linux;
	uint8_t *own = &u->hop_limit[family == AF_INET6];

	if (forwarded) {
		m.hop_limit--;
		return m;
	}
	if (!*own)
		*own = sock_hop_limit(family);
	if (*own)
		m.hop_limit = *own;
	return m;
}
