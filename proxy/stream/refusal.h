/* refusal.h - a session whose client isn't served (SESSION_REFUSED): it is reset, closed, or never
 * answered. */
#ifndef WEDGE_STREAM_REFUSAL_H
#define WEDGE_STREAM_REFUSAL_H

#include "proxy/stream/refusal_state.h"
#include "proxy/stream/session_state.h"

/* Asks the session's hook what becomes of its client, and keeps the verdict. */
void refusal_ask(struct session *s);

/* Refuses the session: its verdict is carried out now or after its delay. */
void refusal_begin(struct session *s);

/* Refuses a session whose client isn't accepted yet, and whose verdict is ACCEPT_REFUSE: whoever
 * holds its SYN is told CONNECT_DENIED, now or after the delay, and the session ends. */
void refusal_answer_syn(struct session *s);

/* Closes the session when its client is through. To be called after each event of the client. */
void refusal_settle(struct session *s);

#endif
