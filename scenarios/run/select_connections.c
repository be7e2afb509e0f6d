/* select_connections.c - a traffic is its port; those that share one are their servers' addresses,
 * or, of one proxy, their clients'. */
#include "scenarios/run/select_connections.h"

#include "proxy/base/mem.h"

/* Returns whether the connection's server end is the server on that host, or stands for it. */
static bool is_to_server(const struct phase_data *d, enum leg leg, size_t host,
			 const struct wire_connection *w)
{
	struct addr dialled;

	if (place_leg(d->lab.place, leg) == LEG_SERVER || d->intercept != INTERCEPT_EXPLICIT)
		return phase_lab_is_host(&d->lab, host, &w->server);
	dialled = phase_lab_dial(&d->lab, d->intercept, host, addr_port(&w->server));
	return addr_equal(&dialled, &w->server);
}

static bool is_of_host(const struct phase_data *d, enum leg leg, size_t host,
		       const struct wire_connection *w)
{
	return d->phase->hosts.host[host].side == HOST_SERVER_SIDE
		   ? is_to_server(d, leg, host, w)
		   : phase_lab_is_host(&d->lab, host, &w->client);
}

bool connection_is_to_traffic(const struct phase_data *d, enum leg leg, size_t traffic,
			      const struct wire_connection *w)
{
	const struct traffic *t = &d->phase->traffic[traffic];

	if (!wire_connection_at_port(w, t->port))
		return false;
	if (!selector_has_namesake(d->phase, traffic))
		return true;
	for (size_t i = 0; i < t->server.nhosts; i++)
		if (is_to_server(d, leg, t->server.hosts[i], w))
			return true;
	return false;
}

static bool is_of_traffic(const struct phase_data *d, enum leg leg, size_t traffic,
			  const struct wire_connection *w)
{
	const struct traffic *t = &d->phase->traffic[traffic];

	if (!connection_is_to_traffic(d, leg, traffic, w))
		return false;
	return !selector_is_shared(d->phase, traffic) || is_of_host(d, leg, t->client.hosts[0], w);
}

void select_connections(const struct phase_data *d, enum leg leg, const struct selector *s,
			struct analysis *out)
{
	const struct analysis *a = d->wire[leg];

	*out = *a;
	out->connections = xcalloc(a->nconnections + 1, sizeof(*out->connections));
	out->nconnections = 0;
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if ((s->traffic == SELECTOR_ANY || is_of_traffic(d, leg, (size_t)s->traffic, w)) &&
		    (s->host == SELECTOR_ANY || is_of_host(d, leg, (size_t)s->host, w)))
			out->connections[out->nconnections++] = *w;
	}
}
