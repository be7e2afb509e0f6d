/* engine_close.h - ends the sessions of one proxy, while the proxy goes on. */
#ifndef WEDGE_ENGINE_ENGINE_CLOSE_H
#define WEDGE_ENGINE_ENGINE_CLOSE_H

#include "proxy/engine/engine_config.h"

struct engine;

/* Closes every open session of the proxies of that name and mode, those that are gone too, as the
 * kernel closes the connections of a program that ends: FIN to both ends, or RST where bytes have
 * come that were never read. Returns how many. Must not be called from a session's callback. */
size_t engine_close_sessions(struct engine *en, const char *name, enum proxy_mode mode);

#endif
