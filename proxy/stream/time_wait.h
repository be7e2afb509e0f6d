/* time_wait.h - ends a connection's TIME_WAIT in this network namespace, so that its 4-tuple can be
 * used again at once. Touches no connection in another state. */
#ifndef WEDGE_STREAM_TIME_WAIT_H
#define WEDGE_STREAM_TIME_WAIT_H

#include "proxy/base/addr.h"

/* Whether there was one between these two, and is none any more (sock_diag(7), SOCK_DESTROY; needs
 * CAP_NET_ADMIN). Nothing is sent. */
bool time_wait_end(const struct addr *local, const struct addr *peer);

#endif
