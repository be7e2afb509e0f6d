/* time_wait.h - ends the TIME_WAIT of connections in this network namespace, by sock_diag(7) with
 * SOCK_DESTROY, which needs CAP_NET_ADMIN. Touches no connection that a process has open, and
 * nothing is sent. */
#ifndef WEDGE_BASE_TIME_WAIT_H
#define WEDGE_BASE_TIME_WAIT_H

#include "proxy/base/addr.h"

/* So that its 4-tuple can be used again at once. Whether there was one between these two, and is
 * none any more. */
bool time_wait_end(const struct addr *local, const struct addr *peer);

/* All of those whose socket had this mark under the mask, and such in FIN_WAIT_2 that only wait for
 * the peer's FIN. Returns how many were ended. */
unsigned time_wait_end_marked(uint32_t mark, uint32_t mask);

#endif
