/* destination.c - an address that has no meaning of its own inside is the outside's. */
#include "proxy/exec/destination.h"

#include "proxy/base/mark.h"
#include "proxy/base/sockopt.h"
#include "proxy/ns/listening.h"

#include <string.h>

static bool route_to_nameserver(const struct destination *d, const struct addr *to,
				struct session_route *r)
{
	struct addr inner;

	for (size_t i = 0; i < d->hosts->n; i++) {
		exec_hosts_inner(i, &inner);
		if (!addr_equal(&inner, to))
			continue;
		addr_format_host(&d->hosts->server[i], r->upstream.host);
		r->upstream.port = EXEC_HOSTS_DNS_PORT;
		r->untouched = true;
		r->mapped = false;
		return true;
	}
	return false;
}

static bool is_host(const struct addr *to, struct session_route *r)
{
	return to->sa.sa_family == AF_INET && strcmp(r->upstream.host, EXEC_HOSTS_HOST_IP) == 0;
}

/* A link-local address means nothing without its interface, which has the same index outside. */
static void add_zone(const struct addr *to, unsigned interface, struct session_route *r)
{
	struct addr zoned = *to;

	if (to->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&to->in6.sin6_addr))
		return;
	zoned.in6.sin6_scope_id = interface;
	addr_format_host(&zoned, r->upstream.host);
}

/* The address that the client has bound itself to: another one than its network would have given
 * it. len 0: none. */
static struct addr bound_source(const struct addr *client, const struct addr *to)
{
	struct addr source = *client, target = *to, usual;

	addr_unmap(&source);
	addr_unmap(&target);
	addr_set_port(&source, 0);
	if (sock_source(&target, &usual) == -1 || addr_equal(&source, &usual) ||
	    source.sa.sa_family != usual.sa.sa_family ||
	    (source.sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&source.in6.sin6_addr)))
		source.len = 0;
	return source;
}

void destination_route(void *arg, const struct addr *client, const struct addr *orig_dst,
		       struct session_route *r)
{
	const struct destination *d = arg;
	unsigned interface = listening_bound_to(d->listening, client, orig_dst);
	struct remote_way way = {.interface = interface};

	r->connector = remote_connector(d->outside, &way);
	if (interface && !r->mapped)
		add_zone(orig_dst, interface, r);
	if (route_to_nameserver(d, orig_dst, r) || r->mapped)
		return;
	if (is_host(orig_dst, r)) {
		snprintf(r->upstream.host, sizeof(r->upstream.host), "localhost");
	} else if (addr_port(orig_dst) != d->own_port && sock_is_own(orig_dst) &&
		   listening_at(d->listening, orig_dst)) {
		r->connector = NULL;
		r->mark = MARK_EXEMPT;
		r->untouched = true;
	} else if (!interface) {
		way.source = bound_source(client, orig_dst);
		if (way.source.len)
			r->connector = remote_connector(d->outside, &way);
	}
}
