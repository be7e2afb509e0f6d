/* wanted.h - where clients of this host wanted to go, as it is seen on a SYN before a rule
 * redirects it: it is seen again right after, and then its destination is wedge's. */
#ifndef WEDGE_PACKET_WANTED_H
#define WEDGE_PACKET_WANTED_H

#include "proxy/base/addr.h"

#include <stddef.h>

/* Bounded: between the two sights of a SYN are only those of the same burst. Embed it, zeroed. */
enum { WANTED_MAX = 256 };

struct wanted {
	struct wanted_note {
		struct addr client, to;
	} note[WANTED_MAX];
	size_t next;
};

void wanted_note(struct wanted *w, const struct addr *client, const struct addr *to);

/* Fetches and forgets it; false, and a *to without length: that client wasn't seen. */
bool wanted_take(struct wanted *w, const struct addr *client, struct addr *to);

#endif
