/* hooks.h - the hooks through which the sessions and connections of a proxy reach its set. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_HOOKS_H
#define WEDGE_IMPAIRMENTS_LIVE_HOOKS_H

#include "impairments/set/set.h"
#include "proxy/packet/pkt_tracker.h"
#include "proxy/stream/session.h"

/* Return the hooks to give to a proxy of the engine, which p (impairment_set.alone of a set that no
 * other proxy shares) stands for. p and its set must outlive that proxy; proxies that share a set
 * are of one engine. */
struct session_hooks impair_proxy_session_hooks(struct impair_proxy *p);
struct pkt_hooks impair_proxy_pkt_hooks(struct impair_proxy *p);

/* Sets what the instances of p's set need of a session: the receive buffer of each leg (bytes; 0:
 * none needs one), and which flows are paced. */
void impair_proxy_sessions(const struct impair_proxy *p, struct session_config *c);

#endif
