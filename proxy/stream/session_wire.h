/* session_wire.h - tells the journal what a session is on the wire: who opened each leg and who
 * accepted it. */
#ifndef WEDGE_STREAM_SESSION_WIRE_H
#define WEDGE_STREAM_SESSION_WIRE_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"

struct session;

/* The leg's socket is connected to peer, or tries to be. Says nothing where the packet plane does.
 */
void session_tell_leg(const struct session *s, enum leg leg, int fd, const struct addr *peer);

/* The same for a dial of the session arg (dial.h). */
void session_tell_dial(void *arg, int fd, const struct addr *to);

#endif
