/* engine_accept.h - what becomes of a connection that a proxy's listener has accepted: a session,
 * at once or when its PROXY header has come. */
#ifndef WEDGE_ENGINE_ENGINE_ACCEPT_H
#define WEDGE_ENGINE_ENGINE_ACCEPT_H

#include "proxy/engine/engine_state.h"

/* A listener's accepted function (listener.h); arg is its struct engine_proxy. */
void engine_accept_cb(void *arg, int fd, int spare, const struct addr *client);

/* Gives the mark of client legs to the connections whose PROXY header hasn't come yet: the packet
 * plane has begun. */
void engine_accept_mark(struct engine *en);

/* Passes on the connections of p whose PROXY header hasn't come yet: p listens elsewhere now. */
void engine_accept_pass_on(struct engine_proxy *p);

/* Has what another engine has passed on; the connection is reset when there is no such proxy, or no
 * new session begins any more. */
void engine_arrive(struct engine *en, struct engine_arrival *a);

/* Resets a connection that no engine is to have any more. */
void engine_arrival_free(struct engine_arrival *a);

/* Resets the connections whose PROXY header hasn't come yet. */
void engine_accept_free(struct engine *en);

#endif
