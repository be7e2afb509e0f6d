/* packet_copies.h - recognises a TCP packet that the capture holds a second time, because it was
 * taken at several points of one host or path: both interfaces of a bridge, a VLAN and its trunk, a
 * tunnel and what is in it. Never takes a retransmission for a copy: that one comes by each point
 * again. */
#ifndef WEDGE_SCENARIOS_READER_PACKET_COPIES_H
#define WEDGE_SCENARIOS_READER_PACKET_COPIES_H

#include "proxy/base/attrs.h"
#include "scenarios/reader/layers.h"

struct packet_copies;

/* packet_copies_free frees it. What it knows is of fixed size. */
struct packet_copies *packet_copies_new(void) WG_MUSTUSE;
void packet_copies_free(struct packet_copies *c);

/* Takes the innermost packet of *l, seen at that time. Returns whether it is a copy of an earlier
 * one; *lag becomes its distance to that. Packets whose TCP header isn't there are never copies. */
bool packet_copies_take(struct packet_copies *c, const struct layers *l, int64_t at, int64_t *lag);

#endif
