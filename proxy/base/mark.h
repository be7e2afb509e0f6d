/* mark.h - the layout of the socket and packet marks that tie the two planes together: the upper 8
 * bits are wedge's, the lower 24 bits tell the session. Knows no sockets and no netfilter. */
#ifndef WEDGE_BASE_MARK_H
#define WEDGE_BASE_MARK_H

#include <stdbool.h>
#include <stdint.h>

#define MARK_WEDGE	  0x5d000000u
#define MARK_WEDGE_MASK	  0xff000000u
#define MARK_SESSION_MASK 0x00ffffffu

/* Marks connections of wedge that none of wedge's rules may catch again. */
#define MARK_EXEMPT 0x5f000000u

/* Marks packets that wedge injects: the queue's rules let them pass. */
#define MARK_INJECTED 0x5e000000u

/* Marks packets injected into wedge's own sockets: where wedge is transparent, a routing rule keeps
 * them on this host by the upper bits (TPROXY_MARK). */
#define MARK_INJECTED_HERE 0x5f5e0000u

/* Marks listeners and the sockets of client legs, whose session is found by its addresses. */
#define MARK_CLIENT_LEG MARK_WEDGE

/* Returns the mark of a server leg's dialled socket, by which already its SYN tells the session.
 * Numbers begin at 1; a multiple of 2^24 gets the mark of 2^24 - 1, since 0 means the client leg.
 */
static inline uint32_t mark_server_leg(uint64_t session)
{
	uint32_t low = (uint32_t)(session & MARK_SESSION_MASK);

	return MARK_WEDGE | (low ? low : MARK_SESSION_MASK);
}

static inline bool mark_is_wedge(uint32_t mark)
{
	return (mark & MARK_WEDGE_MASK) == MARK_WEDGE;
}

/* Returns the session's number modulo 2^24; 0 for a client leg. */
static inline uint32_t mark_session(uint32_t mark)
{
	return mark & MARK_SESSION_MASK;
}

#endif
