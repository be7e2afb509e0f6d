/* http_peer.h - whose program a client is that speaks with wedge from this host. */
#ifndef WEDGE_API_HTTP_PEER_H
#define WEDGE_API_HTTP_PEER_H

#include "proxy/base/attrs.h"

#include <stdbool.h>

/* Returns whether the other end of a connected socket is a socket of this network namespace that
 * belongs to the user that this process runs as, to root, or to who has started it by sudo(8). The
 * kernel says so (sock_diag(7)). */
bool http_peer_is_own(int fd);

#endif
