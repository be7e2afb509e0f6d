/* session_hooks.h - the functions that a session calls at the points of its life. Knows nothing of
 * who implements them. */
#ifndef WEDGE_STREAM_SESSION_HOOKS_H
#define WEDGE_STREAM_SESSION_HOOKS_H

#include "proxy/stream/accept.h"

struct session;

struct session_hooks {
	/* Before the server is dialled: decides whether and how the client is turned away. */
	void (*accept)(void *arg, struct session *s, struct accept_verdict *v);
	/* The client isn't turned away, and no byte has moved: stages are attached here. */
	void (*open)(void *arg, struct session *s);
	/* The server leg stands: s->server is known. */
	void (*connected)(void *arg, struct session *s);
	/* wedge ends the client's TLS, and the ClientHello has been read: its SNI is known. */
	void (*named)(void *arg, struct session *s);
	/* TLS begins with the next byte of either end, after clear text; both flows are empty. */
	void (*tls_began)(void *arg, struct session *s);
	/* Of every session: its flows are about to be freed. */
	void (*close)(void *arg, struct session *s);
	void *arg;
};

/* Puts a function that does nothing where one is NULL, so that callers need no test. */
void session_hooks_complete(struct session_hooks *hooks);

#endif
