/* session_state.c - every legal change of state, as a table of sets; a wait, which few have. */
#include "proxy/stream/session_state.h"

#include "proxy/base/mem.h"

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

struct session_wait *session_wait_with(struct session *s, void (*fn)(void *session, int64_t now))
{
	if (!s->wait)
		s->wait = xcalloc(1, sizeof(*s->wait));
	s->wait->timer.fn = fn;
	s->wait->timer.arg = s;
	return s->wait;
}
