/* engine_intercept.h - an engine's rules that take connections for its proxies: those that pass
 * this host, and those that its own programs open. Knows no proxies. */
#ifndef WEDGE_ENGINE_ENGINE_INTERCEPT_H
#define WEDGE_ENGINE_ENGINE_INTERCEPT_H

#include "proxy/engine/engine_state.h"

/* Makes the rules take what these n matches cover, and only that. A match without an interface is
 * of this host's own connections. -1 with *e: part of the rules may have changed. */
int engine_intercept_set(struct engine *en, const struct intercept_match *match, size_t n,
			 struct err *e) WG_MUSTUSE;

/* Makes the rules take no connection. Until engine_intercept_free, a connection that passes by
 * doesn't meet the TIME_WAIT of a session that has ended meanwhile. */
void engine_intercept_stop(struct engine *en);

/* Removes the rules. */
void engine_intercept_free(struct engine *en);

#endif
