/* session_table.h - what session.c, session_begin.c and table.c share: the lists that a session is
 * in, and what a session is to its flows and endpoints. For those three only. */
#ifndef WEDGE_STREAM_SESSION_TABLE_H
#define WEDGE_STREAM_SESSION_TABLE_H

#include "proxy/stream/session.h"

void session_enlist(struct session *s); /* it begins */
void session_delist(struct session *s); /* it is closed: freed at the end of the turn */
void session_wake(struct session *s);	/* session_turn at the end of this turn */

extern const struct flow_host_ops session_flow_host;
void session_endpoint_cb(evutil_socket_t fd, short what, void *arg);

/* What of its beginning isn't done yet is dropped, and who waits for it is told. */
void session_give_up(struct session *s);

void session_turn(struct session *s);
void session_free(struct session *s);

#endif
