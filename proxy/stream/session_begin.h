/* session_begin.h - how a session begins: on an accepted socket, and then its server is dialled; or
 * when a client asks for a connection, and then its server is dialled before it is let in. */
#ifndef WEDGE_STREAM_SESSION_BEGIN_H
#define WEDGE_STREAM_SESSION_BEGIN_H

#include "proxy/stream/session_state.h"

/* Begins a session on an accepted socket; takes client_fd and spare (listener.h). number is its
 * place in the engine's sequence. A function of hooks may be NULL (session_hooks_complete). */
struct session *session_start(struct session_table *t, uint64_t number, int client_fd, int spare,
			      const struct addr *client, const struct session_config *config,
			      const struct session_hooks *hooks);

/* Begins a session whose client isn't accepted yet: pending is answered when its server has
 * answered, or at once with config->accept_first; maybe within the call. */
struct session *session_start_deferred(struct session_table *t, uint64_t number,
				       const struct addr *client,
				       const struct session_config *config,
				       const struct session_hooks *hooks,
				       const struct connect_waiter *pending);

/* Goes on with a session that has answered CONNECT_LET_IN, whose client has now been accepted.
 * Takes client_fd and spare (listener.h). */
void session_let_in(struct session *s, int client_fd, int spare);

#endif
