/* leg_setup.h - what a session's legs do before the first byte moves: what session.c needs of
 * leg_setup.c. */
#ifndef WEDGE_STREAM_LEG_SETUP_H
#define WEDGE_STREAM_LEG_SETUP_H

#include "proxy/stream/session_state.h"

/* A session begins, its config is set: the flows of its handshakes are there from now on. */
void leg_setup_init(struct session *s);

/* The client is accepted; the server has accepted. */
void leg_setup_begin(struct session *s);
void leg_setup_connected(struct session *s);

/* After each event: one step further. When both legs are done, bytes may move; when one fails, the
 * session is closed. */
void leg_setup_turn(struct session *s);

#endif
