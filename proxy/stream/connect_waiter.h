/* connect_waiter.h - whoever holds a client that has asked for a connection and isn't accepted yet,
 * and the answers that it waits for. Knows neither sessions nor packets. */
#ifndef WEDGE_STREAM_CONNECT_WAITER_H
#define WEDGE_STREAM_CONNECT_WAITER_H

#include <stdbool.h>

enum connect_answer {
	CONNECT_LET_IN,	 /* the server has accepted; then session_let_in or CONNECT_OVER follows */
	CONNECT_REFUSED, /* the server can't be reached: an errno says why, or 0: no such name */
	CONNECT_DENIED,	 /* the client is to be refused, whatever its server would say */
	CONNECT_OVER,	 /* the session has ended before its client was let in */
};

/* Zeroed: nobody waits. After anything but CONNECT_LET_IN answer isn't called again. */
struct connect_waiter {
	void (*answer)(void *arg, enum connect_answer a, int error);
	void *arg;
};

/* Answers; returns false when nobody waits. */
bool connect_waiter_answer(struct connect_waiter *w, enum connect_answer a, int error);

#endif
