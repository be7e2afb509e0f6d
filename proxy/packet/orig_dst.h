/* orig_dst.h - the original destinations of redirected connections: the packet plane sees a SYN of
 * this host before a rule redirects it and again after that, when its destination is wedge's. Knows
 * no connections. */
#ifndef WEDGE_PACKET_ORIG_DST_H
#define WEDGE_PACKET_ORIG_DST_H

#include "proxy/base/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Bounds the notes. The SYNs of a whole burst may come for the first time before any of them comes
 * for the second time. */
enum { ORIG_DST_MAX = 16384 };

/* A note is found by the client's address and the SYN's sequence number, not by the client's port:
 * when a client uses one port towards two servers and both connections are redirected to one place,
 * the kernel gives the second another port. */
struct orig_dst_note {
	struct addr client, to;
	uint32_t isn;
	LIST_ENTRY(orig_dst_note) entry;
};

/* Embed it, zeroed. */
struct orig_dst_table {
	struct orig_dst_note note[ORIG_DST_MAX];
	LIST_HEAD(, orig_dst_note) by_isn[ORIG_DST_MAX];
	size_t next;
};

/* Notes the destination of a SYN with this initial sequence number. The oldest note gives way. */
void orig_dst_add(struct orig_dst_table *w, const struct addr *client, uint32_t isn,
		  const struct addr *to);

/* Returns the original destination of that SYN, or NULL when there is no note of it. Valid until
 * the next note. */
const struct addr *orig_dst_find(const struct orig_dst_table *w, const struct addr *client,
				 uint32_t isn);

#endif
