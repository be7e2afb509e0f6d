/* tcp_handshake.h - recognizes the segments of the three-way handshake, and which of an instance's
 * two stages acts on them. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_HANDSHAKE_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_HANDSHAKE_H

#include "proxy/packet/pkt_stage.h"

/* Return whether p is the first, or the second, segment of a handshake. */
bool tcp_handshake_is_syn(const struct pkt *p);
bool tcp_handshake_is_syn_ack(const struct pkt *p);

/* A handshake has no direction of data. Returns whether another active stage of the same instance
 * comes before this one on the connection; this one then leaves the work to that. */
bool tcp_handshake_is_twin(const struct pkt_stage *st);

#endif
