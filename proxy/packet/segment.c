/* segment.c - the headers have no options but TCP's timestamps. */
#include "proxy/packet/segment.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"
#include "proxy/packet/checksum.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	TCP_HEADER = 20,
	TIMESTAMP = 12, /* with its padding */
	DONT_FRAGMENT = 0x40,
};

size_t segment_ip(uint8_t *p, const struct addr *src, const struct addr *dst,
		  const struct ip_marks *marks, uint8_t protocol, size_t len)
{
	if (src->sa.sa_family == AF_INET) {
		memset(p, 0, IPV4_HEADER);
		p[0] = 0x45;
		p[1] = marks->traffic_class;
		put_be16(p + 2, (uint16_t)(IPV4_HEADER + len));
		put_be16(p + 4, marks->id);
		p[6] = marks->dont_fragment ? DONT_FRAGMENT : 0;
		p[8] = marks->hop_limit;
		p[9] = protocol;
		memcpy(p + 12, &src->in.sin_addr, 4);
		memcpy(p + 16, &dst->in.sin_addr, 4);
		return IPV4_HEADER;
	}
	memset(p, 0, IPV6_HEADER);
	put_be32(p, 6U << 28 | (uint32_t)marks->traffic_class << 20 | marks->flow_label);
	put_be16(p + 4, (uint16_t)len);
	p[6] = protocol;
	p[7] = marks->hop_limit;
	memcpy(p + 8, &src->in6.sin6_addr, 16);
	memcpy(p + 24, &dst->in6.sin6_addr, 16);
	return IPV6_HEADER;
}

static void put_timestamp(uint8_t *p, uint32_t tsval, uint32_t tsecr)
{
	static const uint8_t nop_nop_timestamp_10[] = {1, 1, 8, 10};

	memcpy(p, nop_nop_timestamp_10, sizeof(nop_nop_timestamp_10));
	put_be32(p + 4, tsval);
	put_be32(p + 8, tsecr);
}

size_t segment_make(uint8_t data[SEGMENT_MAX], const struct segment *s)
{
	size_t tcp_len = TCP_HEADER + (s->has_timestamp ? TIMESTAMP : 0);
	size_t at = segment_ip(data, &s->src, &s->dst, &s->marks, IPPROTO_TCP, tcp_len);
	uint8_t *tcp = data + at;
	struct tcp_view v;

	memset(tcp, 0, tcp_len);
	put_be16(tcp, addr_port(&s->src));
	put_be16(tcp + 2, addr_port(&s->dst));
	put_be32(tcp + 4, s->seq);
	put_be32(tcp + 8, s->flags & TCP_ACK ? s->ack : 0);
	tcp[12] = (uint8_t)(tcp_len / 4 << 4);
	tcp[13] = s->flags;
	put_be16(tcp + 14, s->window);
	if (s->has_timestamp)
		put_timestamp(tcp + TCP_HEADER, s->tsval, s->tsecr);
	BUG_ON(!tcp_view_parse(&v, data, at + tcp_len));
	checksum_write(&v, data);
	return at + tcp_len;
}
