/* vantage_check.c - counts the main traffic's connections in what was promised. */
#include "scenarios/run/vantage_check.h"

#include "proxy/base/mem.h"
#include "scenarios/run/select_connections.h"

#include <string.h>

#define IMPAIRED "impaired"

static bool is_impaired(const struct phase_data *d)
{
	size_t len = strlen(IMPAIRED);

	return strncmp(d->label, IMPAIRED, len) == 0 &&
	       (d->label[len] == '\0' || d->label[len] == '@');
}

/* Where wedge dials the server itself, that side can't tell the clients of one server from each
 * other: the server tells the traffic. */
static bool is_empty(const struct phase_data *d, enum leg leg)
{
	for (size_t i = 0; i < d->wire[leg]->nconnections; i++)
		if (connection_is_to_traffic(d, leg, 0, &d->wire[leg]->connections[i]))
			return false;
	return true;
}

char *vantage_check(const struct measured *m)
{
	static const char *const wires[LEG_COUNT] = {
	    [LEG_CLIENT] = "client_wire", [LEG_SERVER] = "server_wire"};
	const struct scenario *s = m->scenario;

	for (size_t i = 0; i < s->nsignatures; i++)
		for (size_t w = 0; w < LEG_COUNT; w++)
			for (size_t k = 0; k < m->n; k++)
				if (strstr(s->signatures[i].vantages, wires[w]) &&
				    phase_breaks(m->phases[k]->phase) &&
				    is_impaired(m->phases[k]) &&
				    is_empty(m->phases[k], (enum leg)w))
					return xasprintf("%s: the signature promises %s, which has "
							 "no packet of the main traffic: %.80s",
							 m->phases[k]->label, wires[w],
							 s->signatures[i].text);
	return NULL;
}
