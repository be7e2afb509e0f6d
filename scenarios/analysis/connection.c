/* connection.c - one TCP connection while its segments are being read: making and unmaking. */
#include "scenarios/analysis/connection.h"

#include <string.h>

void connection_init(struct connection *c, const struct addr *client, const struct addr *server)
{
	memset(c, 0, sizeof(*c));
	c->wire.client = *client;
	c->wire.server = *server;
	for (int d = 0; d < DIR_COUNT; d++)
		c->half[d].wscale = -1;
}

void connection_mark_unreliable(struct connection *c, const char *why)
{
	if (c->wire.unreliable)
		return;
	c->wire.unreliable = true;
	c->wire.unreliable_why = why;
}

uint32_t connection_exchange(const struct connection *c)
{
	return c->wire.nexchanges ? (uint32_t)(c->wire.nexchanges - 1) : NO_EXCHANGE;
}

void connection_fini(struct connection *c)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		seq_space_fini(&c->half[d].seq);
		free(c->half[d].flight);
	}
}

void wire_connection_fini(struct wire_connection *w)
{
	free(w->exchanges);
	free(w->acks);
	free(w->resends);
	free(w->heard);
}
