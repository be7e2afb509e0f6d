/* session_wire.h - journals a session's connections as they are on the wire: the addresses of each
 * leg. Writes nothing where the packet plane does. */
#ifndef WEDGE_STREAM_SESSION_WIRE_H
#define WEDGE_STREAM_SESSION_WIRE_H

#include "proxy/base/addr.h"

struct session;

/* Journals the client leg by its socket. */
void session_journal_client(const struct session *s, int fd);

/* Journals the server leg of the session arg, or an attempt at it (dial.h, began). */
void session_journal_dial(void *arg, int fd, const struct addr *to);

#endif
