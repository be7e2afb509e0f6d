/* engine_clients.c - an array that doubles. */
#include "proxy/engine/engine_clients.h"

#include "proxy/base/mem.h"

#define ROOM_FIRST 64

void engine_clients_add(struct engine_clients *c, const struct engine_client *client)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : ROOM_FIRST;
		c->v = xrealloc(c->v, c->room, sizeof(*c->v));
	}
	c->v[c->n++] = *client;
}

void engine_clients_fini(struct engine_clients *c)
{
	free(c->v);
	*c = (struct engine_clients){0};
}
