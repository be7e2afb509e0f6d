/* time_wait.h - ends the TIME_WAIT of connections in this network namespace, by sock_diag(7) with
 * SOCK_DESTROY, which needs CAP_NET_ADMIN. Touches no connection that a process has open, and
 * nothing is sent. */
#ifndef WEDGE_BASE_TIME_WAIT_H
#define WEDGE_BASE_TIME_WAIT_H

#include "proxy/base/addr.h"

/* Ends the TIME_WAIT between the two, so that their 4-tuple can be used again at once. Returns
 * whether there was one and it is ended. */
bool time_wait_end(const struct addr *local, const struct addr *peer);

/* Ends every TIME_WAIT whose socket had this mark under the mask, and every FIN_WAIT_2 of such a
 * socket that only waits for the peer's FIN. Returns their number. */
unsigned time_wait_end_marked(uint32_t mark, uint32_t mask);

#endif
