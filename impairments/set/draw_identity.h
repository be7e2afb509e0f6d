/* draw_identity.h - what the random decisions on a session are made from, so that one seed decides
 * alike in whatever order clients come. Pure data, filled by whoever configures the proxy. */
#ifndef WEDGE_IMPAIRMENTS_SET_DRAW_IDENTITY_H
#define WEDGE_IMPAIRMENTS_SET_DRAW_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: sessions are told apart by the order in which they come. */
struct draw_identity {
	uint64_t proxy; /* rng_part_seed(0, its name): no two proxies share a sequence */
	bool by_client; /* each client address has an order of its own */
	/* Clients' ports from this one on belong to one connection of the client's each: such a
	 * session is told by its client's address and port, whenever it comes. 0: there are none.
	 */
	uint16_t port_first;
};

#endif
