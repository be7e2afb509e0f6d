/* handshake.c - what the impairments of the three-way handshake share. */
#include "impairments/packet/handshake.h"

#include "proxy/base/mem.h"
#include "proxy/packet/checksum.h"

#include <string.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, TCP_HEADER = 20, HOP_LIMIT = 64 };

bool handshake_is_syn(const struct pkt *p)
{
	return p->dir == DIR_UPSTREAM &&
	       (p->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

bool handshake_is_syn_ack(const struct pkt *p)
{
	return p->dir == DIR_DOWNSTREAM &&
	       (p->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == (TCP_SYN | TCP_ACK);
}

bool handshake_is_twin(const struct pkt_stage *st)
{
	const struct pkt_stage *other = st->conn->first;

	while (other != st && (other->ops != st->ops || other->cfg != st->cfg || !other->active))
		other = other->next;
	return other != st;
}

static size_t put_ip(uint8_t *p, const struct tcp_view *syn)
{
	if (syn->version == 4) {
		p[0] = 0x45;
		p[3] = IPV4_HEADER + TCP_HEADER;
		p[8] = HOP_LIMIT;
		p[9] = IPPROTO_TCP;
		memcpy(p + 12, syn->ip + 16, 4);
		memcpy(p + 16, syn->ip + 12, 4);
		return IPV4_HEADER;
	}
	p[0] = 0x60;
	p[5] = TCP_HEADER;
	p[6] = IPPROTO_TCP;
	p[7] = HOP_LIMIT;
	memcpy(p + 8, syn->ip + 24, 16);
	memcpy(p + 24, syn->ip + 8, 16);
	return IPV6_HEADER;
}

void handshake_refuse(const struct pkt *syn)
{
	uint8_t data[IPV6_HEADER + TCP_HEADER] = {0};
	uint32_t ack = syn->tcp.seq + tcp_seq_len(&syn->tcp);
	size_t at = put_ip(data, &syn->tcp);
	struct tcp_view v;

	memcpy(data + at, syn->tcp.tcp + 2, 2);
	memcpy(data + at + 2, syn->tcp.tcp, 2);
	for (size_t i = 0; i < 4; i++)
		data[at + 8 + i] = (uint8_t)(ack >> (24 - 8 * i));
	data[at + 12] = TCP_HEADER / 4 << 4;
	data[at + 13] = TCP_RST | TCP_ACK;
	BUG_ON(!tcp_view_parse(&v, data, at + TCP_HEADER));
	checksum_write(&v, data);
	pkt_inject(syn->conn, data, at + TCP_HEADER);
}
