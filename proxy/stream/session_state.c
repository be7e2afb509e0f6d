/* session_state.c - every legal change of state, as a table of sets. */
#include "proxy/stream/session_state.h"

#define BIT(state) (1u << (state))

/* A session that is refused or fails need not have been open. One in clear text goes back to the
 * handshake where TLS begins later. */
static const unsigned next_states[SESSION_STATES] = {
    [SESSION_DIALLING] = BIT(SESSION_REFUSED) | BIT(SESSION_HANDSHAKE) | BIT(SESSION_CLOSED),
    [SESSION_REFUSED] = BIT(SESSION_CLOSED),
    [SESSION_HANDSHAKE] = BIT(SESSION_OPEN) | BIT(SESSION_CLOSED),
    [SESSION_OPEN] = BIT(SESSION_HANDSHAKE) | BIT(SESSION_CLOSING) | BIT(SESSION_CLOSED),
    [SESSION_CLOSING] = BIT(SESSION_CLOSED),
};

void session_set_state(struct session *s, enum session_state to)
{
	BUG_ON(!(next_states[s->state] & BIT(to)));
	s->state = to;
}
