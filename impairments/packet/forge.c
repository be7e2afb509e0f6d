/* forge.c - segments that no end has sent: headers without payload, as one of a connection's hosts
 * would send them. */
#include "impairments/packet/forge.h"

#include "proxy/base/mem.h"
#include "proxy/packet/checksum.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	TIMESTAMP = 12, /* with its padding */
	HOP_LIMIT = 64,
	DONT_FRAGMENT = 0x40,
};

static void put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, (uint16_t)(value >> 16));
	put16(p + 2, (uint16_t)value);
}

static size_t put_ip(uint8_t *p, const struct addr *src, const struct addr *dst, size_t tcp_len)
{
	if (src->sa.sa_family == AF_INET) {
		p[0] = 0x45;
		put16(p + 2, (uint16_t)(IPV4_HEADER + tcp_len));
		p[6] = DONT_FRAGMENT;
		p[8] = HOP_LIMIT;
		p[9] = IPPROTO_TCP;
		memcpy(p + 12, &src->in.sin_addr, 4);
		memcpy(p + 16, &dst->in.sin_addr, 4);
		return IPV4_HEADER;
	}
	p[0] = 0x60;
	put16(p + 4, (uint16_t)tcp_len);
	p[6] = IPPROTO_TCP;
	p[7] = HOP_LIMIT;
	memcpy(p + 8, &src->in6.sin6_addr, 16);
	memcpy(p + 24, &dst->in6.sin6_addr, 16);
	return IPV6_HEADER;
}

static void put_timestamp(uint8_t *p, uint32_t tsval, uint32_t tsecr)
{
	static const uint8_t nop_nop_timestamp_10[] = {1, 1, 8, 10};

	memcpy(p, nop_nop_timestamp_10, sizeof(nop_nop_timestamp_10));
	put32(p + 4, tsval);
	put32(p + 8, tsecr);
}

void forge_send(struct pkt_conn *c, const struct forged *f)
{
	uint8_t data[IPV6_HEADER + TCP_HEADER + TIMESTAMP] = {0}, *tcp;
	const struct addr *src = f->dir == DIR_UPSTREAM ? &c->client : &c->server;
	const struct addr *dst = f->dir == DIR_UPSTREAM ? &c->server : &c->client;
	size_t tcp_len = TCP_HEADER + (f->has_timestamp ? TIMESTAMP : 0), at;
	struct tcp_view v;

	at = put_ip(data, src, dst, tcp_len);
	tcp = data + at;
	put16(tcp, addr_port(src));
	put16(tcp + 2, addr_port(dst));
	put32(tcp + 4, f->seq);
	put32(tcp + 8, f->flags & TCP_ACK ? f->ack : 0);
	tcp[12] = (uint8_t)(tcp_len / 4 << 4);
	tcp[13] = f->flags;
	put16(tcp + 14, f->window);
	if (f->has_timestamp)
		put_timestamp(tcp + TCP_HEADER, f->tsval, f->tsecr);
	BUG_ON(!tcp_view_parse(&v, data, at + tcp_len));
	checksum_write(&v, data);
	pkt_inject(c, data, at + tcp_len);
}

bool forge_answer(const struct pkt *p)
{
	const struct tcp_view *v = &p->tcp;
	struct forged f = {.dir = dir_reverse(p->dir), .flags = TCP_RST};

	if (v->flags & TCP_RST)
		return false;
	if (v->flags & TCP_ACK) {
		f.seq = v->ack;
	} else {
		f.flags |= TCP_ACK;
		f.ack = v->seq + tcp_seq_len(v);
	}
	forge_send(p->conn, &f);
	return true;
}
