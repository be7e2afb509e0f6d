/* client_gone.h - a client that resets its connection, or ends it within a TLS handshake, before
 * its server has answered: its server is given up. */
#ifndef WEDGE_STREAM_CLIENT_GONE_H
#define WEDGE_STREAM_CLIENT_GONE_H

#include <stdbool.h>

struct session;

/* To be called whenever something has happened to a session that is dialling. It is closed when its
 * client has gone, unless an impairment keeps the client's end from the server: then the server is
 * dialled on. */
void client_gone_settle(struct session *s);

/* Returns whether the client has ended its connection within its TLS handshake, in which no end can
 * be half of one. False where wedge makes no TLS with it. */
bool client_gone_in_handshake(const struct session *s);

#endif
