/* engine_relay.h - when a proxy's clients are looked at as programs that may have been reached by
 * it: rarely, never while servers answer, and by a thread until one was. */
#ifndef WEDGE_ENGINE_ENGINE_RELAY_H
#define WEDGE_ENGINE_ENGINE_RELAY_H

#include "proxy/engine/engine_state.h"
#include "proxy/engine/relay_look.h"

/* Returns whether p's next client is worth a look: one was a relay in the last minute; a thread has
 * looked; or p has 64, then 128, 256 ... open connections (fewer where descriptors are few), and
 * none of its last 8 sessions has had a byte from its server. */
bool engine_relay_suspected(struct engine_proxy *p);

/* Returns whether the connection from peer to local, which it knows as original, is one more round
 * of p's own: its program has been reached by a session of p, *of, that has had no byte from its
 * server; or another one was a moment ago, and so none of p's sessions would reach a server.
 * *relay is the program. False, too, when a thread begins to look. */
bool engine_relay_loops(struct engine_proxy *p, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct relay *relay, uint64_t *of);

/* Ends what is under way, before p is freed. */
void engine_relay_forget(struct engine_proxy *p);

#endif
