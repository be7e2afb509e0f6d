/* gate_packet.h - gates on connections of the packet plane: they count the packets and new bytes of
 * one direction of data. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_PACKET_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_PACKET_H

#include "impairments/live/gate.h"

/* Attaches a stage of the instance for that direction of data, with its gate, to the attachment's
 * connection, before another stage (NULL: at the end). */
void gate_packet_attach(struct impair_live *live, struct attachment *att, enum dir dir,
			struct pkt_stage *before);

#endif
