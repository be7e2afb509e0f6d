/* orig_dst.h - where clients of this host wanted to go, as it is seen on a SYN before a rule
 * redirects it: it is seen again after that, and then its destination is wedge's. */
#ifndef WEDGE_PACKET_ORIG_DST_H
#define WEDGE_PACKET_ORIG_DST_H

#include "proxy/base/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Bounded: the first sights of a whole burst may come before the second of any. */
enum { ORIG_DST_MAX = 16384 };

/* The port isn't what a client is known by: where it has one port towards two servers, the kernel
 * gives the second another one when both are redirected to one place. */
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

/* A SYN with this initial sequence number. The oldest note gives way. */
void orig_dst_add(struct orig_dst_table *w, const struct addr *client, uint32_t isn,
		  const struct addr *to);

/* NULL: that SYN wasn't seen. Valid until the next note. */
const struct addr *orig_dst_find(const struct orig_dst_table *w, const struct addr *client,
				 uint32_t isn);

#endif
