/* checksum.c - the sum is of 32 bits, and folded to 16 at the end. */
#include "proxy/packet/checksum.h"

#include "proxy/base/byteorder.h"

#include <string.h>

enum { IPV4_CHECKSUM_AT = 10, TCP_CHECKSUM_AT = 16 };

uint32_t checksum_add(uint32_t sum, const uint8_t *data, size_t len)
{
	uint64_t s = sum;

	for (; len >= 2; len -= 2, data += 2)
		s += get_be16(data);
	if (len)
		s += (uint32_t)(data[0] << 8);
	while (s >> 32)
		s = (s & 0xffffffff) + (s >> 32);
	return (uint32_t)s;
}

uint16_t checksum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t sum_pseudo_header(const struct tcp_view *v)
{
	uint32_t sum =
	    v->version == 4 ? checksum_add(0, v->ip + 12, 8) : checksum_add(0, v->ip + 8, 32);

	/* The sum of at most 36 bytes is far below 2^32. */
	return sum + IPPROTO_TCP + (v->tcp_len >> 16) + (v->tcp_len & 0xffff);
}

bool checksum_tcp_ok(const struct tcp_view *v)
{
	return checksum_end(checksum_add(sum_pseudo_header(v), v->tcp, v->tcp_len)) == 0;
}

void checksum_write(const struct tcp_view *v, uint8_t *data)
{
	uint8_t *tcp = data + (v->tcp - v->ip);

	if (v->version == 4) {
		put_be16(data + IPV4_CHECKSUM_AT, 0);
		put_be16(data + IPV4_CHECKSUM_AT,
			 checksum_end(checksum_add(0, data, (size_t)(data[0] & 0x0f) * 4)));
	}
	put_be16(tcp + TCP_CHECKSUM_AT, 0);
	put_be16(tcp + TCP_CHECKSUM_AT,
		 checksum_end(checksum_add(sum_pseudo_header(v), tcp, v->tcp_len)));
}
