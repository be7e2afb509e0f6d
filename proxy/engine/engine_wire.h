/* engine_wire.h - where on the wire the connections of an engine are, for whoever captures packets
 * while it runs. Changes nothing. */
#ifndef WEDGE_ENGINE_ENGINE_WIRE_H
#define WEDGE_ENGINE_ENGINE_WIRE_H

#include "proxy/engine/engine_config.h"

struct engine;

/* Calls fn with the configuration of each proxy at work and the address at which it listens, NULL
 * for a forwarding one. Returns whether these are all that have connections: false while a proxy
 * that is gone has sessions. */
bool engine_each_place(const struct engine *en,
		       void (*fn)(void *arg, const struct engine_proxy_config *pc,
				  const struct addr *listen),
		       void *arg);

/* Journals the connections of all open sessions again, and those that are forwarded. */
void engine_tell_connections(const struct engine *en);

#endif
