/* session.h - an open session at work: what it is to its table, its flows and its endpoints. How it
 * begins is session_begin.h's, how it ends session_close.h's. */
#ifndef WEDGE_STREAM_SESSION_H
#define WEDGE_STREAM_SESSION_H

#include "proxy/stream/session_state.h"
#include "proxy/stream/session_table.h"

/* Returns the flow of TLS records to the receiver of that direction: the session's own, or the flow
 * of the handshake that wedge itself makes. NULL: wedge makes TLS with the other end only. */
struct flow *session_records(struct session *s, enum dir dir);

/* For session_table_new. */
extern const struct session_table_ops session_ops;

/* For the flows and the endpoints of a session that begins. */
extern const struct flow_host_ops session_flow_host;
void session_endpoint_cb(void *ep, unsigned edges);

/* Moves what the sockets and the flows allow, and settles what is over. */
void session_turn(struct session *s);

#endif
