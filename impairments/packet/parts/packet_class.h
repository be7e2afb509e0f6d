/* packet_class.h - which packets of a connection an impairment is told to act on. Pure. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H

#include "proxy/packet/pkt_stage.h"

enum what {
	WHAT_DATA, /* segments with payload that travel in the stage's direction */
	WHAT_ALL,  /* whatever travels in the stage's direction, SYN, FIN and RST included */
	WHAT_ACKS, /* pure ACKs that travel against it: those of its data */
};

bool what_is(enum what what, const struct pkt_stage *st, const struct pkt *p);

#endif
