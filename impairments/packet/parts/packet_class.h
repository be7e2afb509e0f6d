/* packet_class.h - the classes of packets among which the parameter "what" chooses. Pure. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_PACKET_CLASS_H

#include "proxy/packet/pkt_stage.h"

enum packet_class {
	PACKET_CLASS_DATA, /* segments with payload that travel in the stage's direction */
	PACKET_CLASS_ALL,  /* all that travel in the stage's direction, also SYN, FIN and RST */
	PACKET_CLASS_ACKS, /* pure ACKs of the direction's data, which travel against it */
};

/* Returns whether p, at that stage, belongs to the class. */
bool packet_class_has(enum packet_class class, const struct pkt_stage *st, const struct pkt *p);

#endif
