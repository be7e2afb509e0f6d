/* proxy_protocol_send.h - the PROXY header that a session's server is sent before anything else,
 * also before a TLS handshake. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_SEND_H
#define WEDGE_STREAM_PROXY_PROTOCOL_SEND_H

#include "proxy/stream/session_state.h"

/* Notes what the config says of the client; to be called when the session begins. */
void proxy_protocol_send_begin(struct session *s);

/* Sends the header to the connected server, once, as soon as all its contents are known. No flow
 * and no stage sees its bytes. Closes the session when the socket has no room for them. */
void proxy_protocol_send(struct session *s);

#endif
