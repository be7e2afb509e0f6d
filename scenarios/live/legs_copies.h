/* legs_copies.h - recognises the copies that one packet leaves on stacked interfaces (a bridge and
 * its port, a VLAN and its card). Pure. */
#ifndef WEDGE_SCENARIOS_LIVE_LEGS_COPIES_H
#define WEDGE_SCENARIOS_LIVE_LEGS_COPIES_H

#include "proxy/packet/tcp_view.h"

#include <stdbool.h>

enum { COPIES_KEPT = 2 };

/* The last packets of one connection, one direction and one way (in or out). Zero-initialise. */
struct copies {
	struct {
		int64_t wall_ns;
		uint32_t index, seq, len, ack;
		uint8_t flags;
	} kept[COPIES_KEPT];
	uint8_t n, next;
};

/* True when the packet repeats one of the last, on another interface (index) a moment later: as it
 * was or, sent in segments, a part of it. Else the packet joins them. */
bool copies_has(struct copies *c, const struct tcp_view *v, uint32_t index, int64_t wall_ns);

#endif
