/* session_close.h - the one way out of a session, and its memory. */
#ifndef WEDGE_STREAM_SESSION_CLOSE_H
#define WEDGE_STREAM_SESSION_CLOSE_H

#include "proxy/stream/session_state.h"

/* Closes the session; fmt tells log and journal why. CLOSE_DONE closes the sockets in the ordinary
 * way, every other reason with RST. Legal in any callback, and without effect on a closed session.
 */
void session_close(struct session *s, enum close_why why, const char *fmt, ...) WG_PRINTF(3, 4);

/* Notes why the session will be closed. Only the first cause is noted and reported. */
void session_set_cause(struct session *s, enum close_why why, const char *fmt, ...) WG_PRINTF(3, 4);

/* Frees a closed session. To be called when none of its callbacks can be on the stack. */
void session_free(struct session *s);

/* Ends the session's dial, if there is one still, and frees it. */
void session_end_dial(struct session *s);

#endif
