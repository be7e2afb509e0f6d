/* hooks.h - the hooks through which an engine's proxy puts a set to work. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_HOOKS_H
#define WEDGE_IMPAIRMENTS_LIVE_HOOKS_H

#include "impairments/set/set.h"
#include "proxy/packet/pkt_tracker.h"
#include "proxy/stream/session.h"

/* The hooks to give to a proxy of the engine; the set must outlive it. */
struct session_hooks impairment_set_session_hooks(struct impairment_set *s);
struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s);

/* Writes the receive buffers of the legs, in bytes, that the set's instances ask for; 0: none does. */
void impairment_set_rcvbuf(const struct impairment_set *s, size_t n[LEG_COUNT]);

#endif
