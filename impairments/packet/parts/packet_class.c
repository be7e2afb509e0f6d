/* packet_class.c - which packets of a connection an impairment is told to act on. Pure. */
#include "impairments/packet/parts/packet_class.h"

bool packet_class_has(enum packet_class class, const struct pkt_stage *st, const struct pkt *p)
{
	if (class == PACKET_CLASS_ACKS)
		return p->dir != st->dir && tcp_is_pure_ack(&p->tcp);
	return p->dir == st->dir && (class == PACKET_CLASS_ALL || p->tcp.payload_len);
}
