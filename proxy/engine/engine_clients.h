/* engine_clients.h - a list of clients' connections with the numbers of their sessions, by which
 * one engine tells another one of them. Knows neither. */
#ifndef WEDGE_ENGINE_ENGINE_CLIENTS_H
#define WEDGE_ENGINE_ENGINE_CLIENTS_H

#include "proxy/base/addr.h"

#include <stddef.h>

/* A client's connection as the accepted socket has it. */
struct engine_client {
	struct addr peer, local;
	uint64_t number; /* of its session */
};

/* Zeroed: none. */
struct engine_clients {
	struct engine_client *v;
	size_t n, room;
};

void engine_clients_add(struct engine_clients *c, const struct engine_client *client);

/* Empties the list. */
void engine_clients_fini(struct engine_clients *c);

#endif
