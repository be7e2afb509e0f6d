/* hooks.h - the hooks through which the sessions and connections of a proxy reach its set. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_HOOKS_H
#define WEDGE_IMPAIRMENTS_LIVE_HOOKS_H

#include "impairments/set/set.h"
#include "proxy/packet/pkt_tracker.h"
#include "proxy/stream/session.h"

/* Return the hooks to give to a proxy of the engine. The set must outlive that proxy. */
struct session_hooks impairment_set_session_hooks(struct impairment_set *s);
struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s);

/* Sets what the instances of s need of a session: the receive buffer of each leg (bytes; 0: none
 * needs one), and which flows are paced. */
void impairment_set_sessions(const struct impairment_set *s, struct session_config *c);

#endif
