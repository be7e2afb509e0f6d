/* session.h - one client connection through wedge: two endpoints, two flows, one state, one way
 * out. */
#ifndef WEDGE_STREAM_SESSION_H
#define WEDGE_STREAM_SESSION_H

#include "proxy/base/addr.h"
#include "proxy/stream/flow.h"

struct session;

/* Called when a session begins, before a byte moves: attach stages to its flows here. close: its
 * flows are about to be freed. */
struct session_hooks {
	void (*open)(void *arg, struct session *s);
	void (*close)(void *arg, struct session *s);
	void *arg;
};

#endif
