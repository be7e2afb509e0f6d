/* wanted.h - where clients of this host wanted to go, as it is seen on a SYN before a rule
 * redirects it: it is seen again right after, and then its destination is wedge's. */
#ifndef WEDGE_PACKET_WANTED_H
#define WEDGE_PACKET_WANTED_H

#include "proxy/base/addr.h"

#include <stddef.h>
#include <stdint.h>

/* Bounded: between the two sights of a SYN are only those of the same burst. Embed it, zeroed. */
enum { WANTED_MAX = 256 };

struct wanted {
	struct wanted_note {
		struct addr client, to;
		uint32_t isn;
	} note[WANTED_MAX];
	size_t next;
};

/* A SYN is known by its client's address and its initial sequence number. Its port tells nothing:
 * the kernel uses one port towards several servers at once, and NAT chooses another where they
 * meet. */
void wanted_note(struct wanted *w, const struct addr *client, uint32_t isn, const struct addr *to);

/* Fetches and forgets it; false, and a *to without length: that SYN wasn't seen. */
bool wanted_take(struct wanted *w, const struct addr *client, uint32_t isn, struct addr *to);

#endif
