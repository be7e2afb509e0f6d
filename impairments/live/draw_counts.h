/* draw_counts.h - gives each session the number that its random decisions are made from: one that
 * doesn't depend on how the sessions of different clients, or proxies, race. Bounded. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_DRAW_COUNTS_H
#define WEDGE_IMPAIRMENTS_LIVE_DRAW_COUNTS_H

#include "impairments/set/draw_identity.h"
#include "proxy/base/addr.h"

#include <stddef.h>

struct draw_count {
	uint64_t key; /* of a proxy and a client; 0: a free place */
	uint64_t n;   /* sessions of it so far */
};

/* Zero-initialise. */
struct draw_counts {
	struct draw_count *place; /* room of them, a power of two */
	size_t room, n;
	uint64_t others; /* sessions of clients that found no place any more */
};

#define DRAW_CLIENTS_MAX 65536 /* clients of an order of their own; the others share one */

void draw_counts_fini(struct draw_counts *c);

/* Returns the number of the next session of that client (address and port) through the proxy that
 * id describes. A pure function of id, the client, and how many sessions id doesn't tell from it
 * came before. */
uint64_t draw_counts_next(struct draw_counts *c, const struct draw_identity *id,
			  const struct addr *client);

#endif
