/* engine_proxy.h - one proxy of an engine: where its connections go, what their sessions are given,
 * and its end once no session uses it. Knows neither listeners' callbacks nor rules. */
#ifndef WEDGE_ENGINE_ENGINE_PROXY_H
#define WEDGE_ENGINE_ENGINE_PROXY_H

#include "proxy/engine/engine_state.h"

/* A proxy without configuration and listener, in no list. name is copied. */
struct engine_proxy *engine_proxy_new(struct engine *en, const char *name);

/* Gives p its configuration, with which new sessions begin from now on. */
void engine_proxy_configure(struct engine_proxy *p, const struct engine_proxy_config *config);

/* Frees the listener too, and reports to config.released. */
void engine_proxy_free(struct engine_proxy *p);

/* Frees the retired proxies that have no users, or all. */
void engine_proxy_release(struct engine *en, bool all);

/* Puts into *r where a connection of client's goes that wanted to go to orig_dst. false: to p's
 * listener itself, by no rule of the engine's; dialling that would end here again. */
bool engine_proxy_route(const struct engine_proxy *p, const struct addr *client,
			const struct addr *orig_dst, struct session_route *r);

/* Returns whether a connection from peer to local, which went to original before it was redirected,
 * has been through p already: p's own connection to an upstream that leads back here. A warning
 * says so, once. *passed, which the caller frees: the way of the session of this process that it is
 * the server leg of; of none when it isn't one's. */
bool engine_proxy_loops(struct engine_proxy *p, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct passed *passed);

/* Makes p's part of a session's configuration, for a client that wanted to go to orig_dst and is
 * routed by r. Counts the session among p's users; its end counts it out. */
void engine_proxy_session(struct engine_proxy *p, const struct addr *orig_dst,
			  const struct session_route *r, struct session_config *config);

/* The hooks of a session that is routed by r; valid until p is configured again. */
const struct session_hooks *engine_proxy_hooks(const struct engine_proxy *p,
					       const struct session_route *r);

#endif
