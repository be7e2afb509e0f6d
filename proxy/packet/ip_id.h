/* ip_id.h - the identification field of IPv4 (RFC 6864): how a host counts it on one connection,
 * and how it goes on without a hole when a packet is taken out or added. Pure. */
#ifndef WEDGE_PACKET_IP_ID_H
#define WEDGE_PACKET_IP_ID_H

#include "proxy/packet/tcp_view.h"

/* What the packets of one connection and direction tell of their sender's way. Zeroed: nothing. */
struct ip_id_counter {
	bool seen;
	uint16_t next; /* the ID that comes next if each packet has one more than the last */
	int score;     /* packets for which that was so, less those for which it wasn't */
};

/* Returns whether the packet's ID may be one that its host counts: a packet of IPv6 has none, and 0
 * with "don't fragment" is what hosts write that don't count, or for a packet that belongs to no
 * socket (Linux), unless c stands at 0. */
bool ip_id_is_counted(const struct ip_id_counter *c, const struct tcp_view *v);

/* Notes a packet. mss: the largest segment (bytes of payload) on the wire, 0 when not known: a
 * packet that will be divided takes more than one ID. */
void ip_id_note(struct ip_id_counter *c, const struct tcp_view *v, uint16_t mss);

/* Returns whether the sender counts by one a packet, as Linux does on a connection. */
bool ip_id_counts(const struct ip_id_counter *c);

/* The IDs of packets that pass a place where some are taken out, or more are added. Zeroed: none
 * has passed. */
struct ip_id_shift {
	struct ip_id_counter in; /* as they come */
	uint16_t add;		 /* to be added to the ID of those that go on */
};

/* Return the ID with which a packet goes on, and count those behind it one less, or one more: one
 * that goes on in its place; one that is taken out (no ID); one that is added. */
uint16_t ip_id_pass(const struct ip_id_shift *s, uint16_t id);
void ip_id_take_out(struct ip_id_shift *s);
uint16_t ip_id_add(struct ip_id_shift *s);

#endif
