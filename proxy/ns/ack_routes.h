/* ack_routes.h - how a network of wedge's own acknowledges and waits for acknowledgements. */
#ifndef WEDGE_NS_ACK_ROUTES_H
#define WEDGE_NS_ACK_ROUTES_H

#include "proxy/ns/rtnl.h"

/* Gives every route of r's namespace, those to its own addresses too, the attributes quickack 1, so
 * that its sockets acknowledge at once, and rto_min, so that they send nothing again earlier (ms).
 * For connections that are opened afterwards. */
int ack_routes_set(struct rtnl *r, uint32_t rto_min_ms, struct err *e) WG_MUSTUSE;

#endif
