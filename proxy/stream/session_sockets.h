/* session_sockets.h - the sockets of open sessions as their packets show them: marks, addresses,
 * ICMP about them. For a packet plane's user; knows no packets. */
#ifndef WEDGE_STREAM_SESSION_SOCKETS_H
#define WEDGE_STREAM_SESSION_SOCKETS_H

#include "proxy/stream/session_table.h"

/* Marks the legs of the open sessions (mark.h). all: every socket, connected, connecting or still
 * to be dialled. Else only what is still to be dialled, unless it has a mark. */
void session_table_mark(struct session_table *t, bool all);

/* The addresses of the client's socket, which s->client isn't when a PROXY header named another.
 * false: s has no such socket (any more). */
bool session_client_addrs(const struct session *s, struct addr *peer, struct addr *local);

/* True while s connects to dst from src, an address that its configuration asks for (as_client). */
bool session_is_dialling(const struct session *s, const struct addr *src, const struct addr *dst);

/* The network has reported error, an errno, for the address that s is dialling: s goes on to the
 * next one, or is closed within the call. */
void session_unreachable(struct session *s, int error);

#endif
