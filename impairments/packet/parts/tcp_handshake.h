/* tcp_handshake.h - what the impairments of the three-way handshake share: its segments, and who of
 * two stages acts. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_HANDSHAKE_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_HANDSHAKE_H

#include "proxy/packet/pkt_stage.h"

/* The first and the second segment, on their way between client and server. */
bool tcp_handshake_is_syn(const struct pkt *p);
bool tcp_handshake_is_syn_ack(const struct pkt *p);

/* A handshake has no direction of data: when the instance acts in both, whether this is the second
 * of its two stages on the connection, which leaves the work to the first. */
bool tcp_handshake_is_twin(const struct pkt_stage *st);

#endif
