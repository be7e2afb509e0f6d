/* session_wire.h - tells the journal what a session is on the wire: who opened each leg and who
 * accepted it. */
#ifndef WEDGE_STREAM_SESSION_WIRE_H
#define WEDGE_STREAM_SESSION_WIRE_H

#include "proxy/base/addr.h"

struct session;

/* The client leg, by its socket. Says nothing where the packet plane does. */
void session_journal_client(const struct session *s, int fd);

/* The server leg, or what would become it: a dial of the session arg has begun (dial.h). */
void session_journal_dial(void *arg, int fd, const struct addr *to);

#endif
