/* destination.c - reads from connection tracking where a connection wanted to go, and decides: a
 * nameserver, a listener inside, or the outside. */
#include "proxy/exec/destination.h"

#include "proxy/base/mark.h"
#include "proxy/ns/listening.h"
#include "proxy/stream/sockopt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SO_ORIGINAL_DESTINATION 80 /* SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST */

/* One that nothing has redirected wanted what it reached. */
static void original(int fd, struct addr *a)
{
	struct addr local;
	int level;

	sock_local(fd, &local);
	level = local.sa.sa_family == AF_INET ? SOL_IP : SOL_IPV6;
	*a = (struct addr){.len = sizeof(a->ss)};
	if (getsockopt(fd, level, SO_ORIGINAL_DESTINATION, &a->ss, &a->len) == -1)
		*a = local;
}

/* Only an address of this network namespace can be bound. */
static bool is_inside(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;
	struct addr any_port = *a;

	addr_set_port(&any_port, 0);
	rc = bind(fd, &any_port.sa, any_port.len);
	close(fd);
	return rc == 0;
}

static bool to_nameserver(const struct destination *d, const struct addr *to,
			  struct session_route *r)
{
	struct addr inner;

	for (size_t i = 0; i < d->names->n; i++) {
		names_inner(i, &inner);
		if (!addr_equal(&inner, to))
			continue;
		addr_format_host(&d->names->server[i], r->upstream.host);
		r->upstream.port = NAMES_DNS_PORT;
		r->untouched = true;
		return true;
	}
	return false;
}

static bool to_host(const struct addr *to, struct session_route *r)
{
	return to->sa.sa_family == AF_INET && strcmp(r->upstream.host, NAMES_HOST_IP) == 0;
}

void destination_route(void *arg, int fd, struct session_route *r)
{
	const struct destination *d = arg;
	struct addr to;

	original(fd, &to);
	addr_format_host(&to, r->upstream.host);
	r->upstream.port = addr_port(&to);
	r->connector = d->outside;
	if (to_nameserver(d, &to, r))
		return;
	if (to_host(&to, r)) {
		snprintf(r->upstream.host, sizeof(r->upstream.host), "localhost");
	} else if (addr_port(&to) != d->own_port && is_inside(&to) &&
		   listening_at(d->listening, &to)) {
		r->connector = NULL;
		r->mark = MARK_EXEMPT;
		r->untouched = true;
	}
}
