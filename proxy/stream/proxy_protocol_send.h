/* proxy_protocol_send.h - the PROXY header that a session's server is sent before anything else:
 * what leg_setup.c needs of proxy_protocol_send.c. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_SEND_H
#define WEDGE_STREAM_PROXY_PROTOCOL_SEND_H

#include "proxy/stream/session_state.h"

/* The session begins: notes what its hooks say of its client. */
void proxy_protocol_send_begin(struct session *s);

/* To a server that has been connected: sends the header, once, as soon as all that it tells is
 * known. Its bytes aren't the session's: no flow and no stage sees them. */
void proxy_protocol_send(struct session *s);

#endif
