/* session_state.h - the states of a session, and which of them may follow which. */
#ifndef WEDGE_STREAM_SESSION_STATE_H
#define WEDGE_STREAM_SESSION_STATE_H

struct session;

enum session_state {
	SESSION_DIALLING,  /* no server leg yet, or the client isn't accepted yet */
	SESSION_REFUSED,   /* the server isn't dialled: the client meets its accept_verdict */
	SESSION_HANDSHAKE, /* both legs are connected and being set up (leg_setup.h) */
	SESSION_OPEN,	   /* bytes may move */
	SESSION_CLOSING,   /* both FINs are sent: until the kernels have acknowledged everything */
	SESSION_CLOSED,	   /* the sockets are closed; the reaper frees it */
	SESSION_STATES,
};

/* The only assignment of s->state; BUG_ON when no session may go from its state to that one. */
void session_set_state(struct session *s, enum session_state to);

#endif
