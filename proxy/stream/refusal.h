/* refusal.h - a session whose client isn't to be served: what session.c needs of refusal.c. */
#ifndef WEDGE_STREAM_REFUSAL_H
#define WEDGE_STREAM_REFUSAL_H

#include "proxy/stream/session_state.h"

/* Whether the session's verdict is that its server isn't dialled. */
bool refusal_due(const struct session *s);

/* Carries the verdict out, now or after its delay. */
void refusal_begin(struct session *s);

/* After each event of the client: whether that was the end. */
void refusal_settle(struct session *s);

#endif
