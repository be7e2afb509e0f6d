/* session_wire.h - journals a session's connections as they are on the wire: the addresses of each
 * leg, and what became of each attempt at a server. */
#ifndef WEDGE_STREAM_SESSION_WIRE_H
#define WEDGE_STREAM_SESSION_WIRE_H

#include "proxy/base/addr.h"

#include <stdint.h>

struct session;

/* Journals the client leg by its socket. This and the next write nothing where the packet plane
 * does. */
void session_journal_client(const struct session *s, int fd);

/* Journals the server leg, or an attempt at it, by its socket. */
void session_journal_dial(const struct session *s, int fd, const struct addr *to);

/* Journals the server leg, or an attempt at it, which a connector opens in a network that the
 * packet plane doesn't see. */
void session_journal_outside(const struct session *s, const struct addr *local,
			     const struct addr *to);

/* Journals both legs by their sockets, as far as they stand, whoever has journalled them before. */
void session_journal_legs(const struct session *s);

/* Journals how an attempt at a server of the session arg has ended (attempt.h, ended). */
void session_journal_tried(void *arg, const struct addr *to, const char *result, int64_t took);

#endif
