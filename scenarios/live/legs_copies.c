/* legs_copies.c - compares a packet with the last few of its connection and way: a copy has their
 * numbers, and comes a moment later from another interface. */
#include "scenarios/live/legs_copies.h"

#include "proxy/base/clock.h"

/* Between two interfaces of one host lies no more than a queue. A lost segment is sent again after
 * 200 ms at the earliest, or a tail-loss probe's few. */
#define COPY_NS (3 * NS_PER_MS)

bool copies_has(struct copies *c, const struct tcp_view *v, uint32_t index, int64_t wall_ns)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t from = v->seq - c->kept[i].seq; /* modulo 2^32 */
		bool same = c->kept[i].len
				? v->payload_len && from + v->payload_len <= c->kept[i].len
				: !from && !v->payload_len && v->flags == c->kept[i].flags;

		if (same && c->kept[i].index != index && v->ack == c->kept[i].ack &&
		    wall_ns - c->kept[i].wall_ns < COPY_NS)
			return true;
	}
	c->kept[c->next].wall_ns = wall_ns;
	c->kept[c->next].index = index;
	c->kept[c->next].seq = v->seq;
	c->kept[c->next].len = v->payload_len;
	c->kept[c->next].ack = v->ack;
	c->kept[c->next].flags = v->flags;
	c->next = (uint8_t)((c->next + 1) % COPIES_KEPT);
	if (c->n < COPIES_KEPT)
		c->n++;
	return false;
}
