/* session_ask.h - a server that begins in clear text is asked for TLS in the client's name, before
 * anything of the client's is read. */
#ifndef WEDGE_STREAM_SESSION_ASK_H
#define WEDGE_STREAM_SESSION_ASK_H

#include "proxy/stream/session_state.h"

/* Makes s->ask. The others do nothing without it. */
void session_ask_init(struct session *s);
void session_ask_free(struct session *s);

/* The server's leg is open: it is set up by asking, and then by TLS. */
void session_ask_wrap(struct session *s);

/* Both legs are set up: the client hears what the server had said first. */
void session_ask_finish(struct session *s);

/* Writes what the server is waited for; returns false when it isn't any more. */
bool session_ask_waits(const struct session *s, char *out, size_t n);

#endif
