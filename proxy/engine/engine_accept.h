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

/* Resets the connections whose PROXY header hasn't come yet. */
void engine_accept_free(struct engine *en);

#endif
