/* packet_class.c - ACKs are those of the stage's data, so they travel against its direction. */
#include "impairments/packet/parts/packet_class.h"

bool packet_class_has(enum packet_class class, const struct pkt_stage *st, const struct pkt *p)
{
	if (class == PACKET_CLASS_ACKS)
		return p->dir != st->dir && tcp_is_pure_ack(&p->tcp);
	return p->dir == st->dir && (class == PACKET_CLASS_ALL || p->tcp.payload_len);
}
