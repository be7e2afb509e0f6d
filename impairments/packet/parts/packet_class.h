/* packet_class.h - which packets of a connection an impairment is told to act on. Pure. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H

#include "proxy/packet/pkt_stage.h"

enum packet_class {
	PACKET_CLASS_DATA, /* segments with payload that travel in the stage's direction */
	PACKET_CLASS_ALL, /* whatever travels in the stage's direction, SYN, FIN and RST included */
	PACKET_CLASS_ACKS, /* pure ACKs that travel against it: those of its data */
};

bool packet_class_has(enum packet_class class, const struct pkt_stage *st, const struct pkt *p);

#endif
