/* gate_packet.h - gates on connections of packets. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_PACKET_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_PACKET_H

#include "impairments/live/gate.h"

/* Attaches an instance's stage for the data of that direction to the attachment's connection,
 * before another stage (NULL: last). */
void gate_packet_attach(struct impair_live *live, struct attachment *pl, enum dir dir,
			struct pkt_stage *before);

#endif
