/* session_acks.h - the paces of a session's two flows on its sockets. */
#ifndef WEDGE_STREAM_SESSION_ACKS_H
#define WEDGE_STREAM_SESSION_ACKS_H

#include "proxy/stream/session_state.h"

/* Before the endpoints are opened: those whose ACKs are to wait know it. */
void session_acks_init(struct session *s);

/* Both legs stand. */
void session_acks_open(struct session *s);

/* Something has happened on a leg. */
void session_acks_look(struct session *s);

/* The session is closed. */
void session_acks_stop(struct session *s);

#endif
