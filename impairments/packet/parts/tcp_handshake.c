/* tcp_handshake.c - stages of one instance have the same operations and the same configuration. */
#include "impairments/packet/parts/tcp_handshake.h"

bool tcp_handshake_is_syn(const struct pkt *p)
{
	return p->dir == DIR_UPSTREAM &&
	       (p->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

bool tcp_handshake_is_syn_ack(const struct pkt *p)
{
	return p->dir == DIR_DOWNSTREAM &&
	       (p->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == (TCP_SYN | TCP_ACK);
}

bool tcp_handshake_is_twin(const struct pkt_stage *st)
{
	const struct pkt_stage *other = st->conn->first;

	while (other != st && (other->ops != st->ops || other->cfg != st->cfg || !other->active))
		other = other->next;
	return other != st;
}
