/* session_edit.h - changes what the ends say where wedge has one end's part in an upgrade: in
 * terminate it answers in the server's name, in originate it hides the server's TLS from the
 * client. */
#ifndef WEDGE_STREAM_SESSION_EDIT_H
#define WEDGE_STREAM_SESSION_EDIT_H

#include "proxy/stream/session_state.h"
#include "proxy/stream/tls/tls_start_state.h"

/* Makes s->edit of a session that begins in clear text which start reads, and which outlives it;
 * wedge agrees to the upgrade that start finds. */
void session_edit_init(struct session *s, struct tls_start *start);
void session_edit_free(struct session *s);

/* What that end says goes on as start's readers have it. */
void session_edit_clear(struct session *s, struct endpoint *ep);

/* Clear text of the client's is over; nothing to do without s->edit. */
void session_edit_tls(struct session *s);

/* Both ends are open, the server in TLS: the client's part of that protocol is in clear text. */
void session_edit_hide(struct session *s, enum tls_start_kind kind);

#endif
