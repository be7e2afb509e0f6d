/* leg_setup.h - what a session's legs do before its first byte moves: the server's PROXY header and
 * the TLS handshakes (SESSION_HANDSHAKE). */
#ifndef WEDGE_STREAM_LEG_SETUP_H
#define WEDGE_STREAM_LEG_SETUP_H

#include "proxy/stream/session_state.h"

/* Makes the flows of the handshakes, where the session's config asks for TLS. */
void leg_setup_init(struct session *s);

/* Set up the client's leg, which is accepted, and the server's leg, which is connected. A session
 * without TLS is then open. */
void leg_setup_begin(struct session *s);
void leg_setup_connected(struct session *s);

/* Begins TLS on both legs, as far as they are to speak it, after clear text (session_upgrade.h). */
void leg_setup_tls(struct session *s);

/* Goes one step further; to be called after each event. When both legs are done the session is
 * open; when one fails it is closed. */
void leg_setup_turn(struct session *s);

#endif
