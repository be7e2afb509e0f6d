/* session_sockets.h - the sockets of open sessions as their packets show them: marks, addresses,
 * ICMP about them. For a packet plane's user; knows no packets. */
#ifndef WEDGE_STREAM_SESSION_SOCKETS_H
#define WEDGE_STREAM_SESSION_SOCKETS_H

#include "proxy/stream/session_table.h"

/* Gives the legs of the open sessions their marks (mark.h). all: the sockets that are connected or
 * connecting, and those that are still to be dialled; else only those that are still to be dialled
 * and have no mark. */
void session_table_mark(struct session_table *t, bool all);

/* Puts the addresses of the client's socket into *peer and *local; s->client is another address
 * when a PROXY header has named it. false: s has no such socket, or no more. */
bool session_client_addrs(const struct session *s, struct addr *peer, struct addr *local);

/* True while s connects to dst from src, an address that its configuration asks for (as_client). */
bool session_is_dialling(const struct session *s, const struct addr *src, const struct addr *dst);

/* The network has reported error, an errno, for dst, an address that s is dialling: s goes on to
 * the next one, or is closed within the call. */
void session_unreachable(struct session *s, const struct addr *dst, int error);

#endif
