/* session_upgrade.h - a session whose TLS begins after clear text: reads no further than the
 * upgrade, and switches both legs when everything before it has been delivered. Tells what TLS
 * waits for. */
#ifndef WEDGE_STREAM_SESSION_UPGRADE_H
#define WEDGE_STREAM_SESSION_UPGRADE_H

#include "proxy/stream/session_state.h"

/* Makes s->upgrade, where the session's config asks for it. */
void session_upgrade_init(struct session *s);
void session_upgrade_free(struct session *s);

/* Returns whether the session begins in clear text, in which an upgrade is looked for. */
bool session_upgrade_first(const struct session *s);

/* Returns whether TLS hasn't begun yet, and may never begin. */
bool session_upgrade_awaited(const struct session *s);

/* An endpoint is open: it is read by way of the upgrade. */
void session_upgrade_wrap(struct session *s, struct endpoint *ep);

/* The server's leg stands: from now on it is told within a second what TLS waits for. */
void session_upgrade_connected(struct session *s);

/* Returns true, once, when both legs are to begin TLS with their next byte; to be called first in
 * each turn. */
bool session_upgrade_turn(struct session *s);

/* Bytes have left a flow, or an end has come. */
void session_upgrade_moved(struct session *s);

/* Writes what is to be said at the session's end: "", or "; ..." of why TLS never began. */
void session_upgrade_explain(const struct session *s, char *out, size_t n);

/* Writes what an end whose handshake has failed was saying instead: "", or " (...)". */
void session_upgrade_explain_failure(const struct session *s, enum leg leg, char *out, size_t n);

#endif
