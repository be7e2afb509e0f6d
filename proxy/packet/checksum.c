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

uint16_t checksum_replace(uint16_t checksum, const uint8_t *from, const uint8_t *to, size_t len,
			  bool odd)
{
	uint32_t sum = (uint16_t)~checksum;
	uint16_t mended;

	for (size_t i = 0; i < len; i++) {
		unsigned shift = (i + odd) % 2 ? 0 : 8;

		sum += 0xffff - ((uint32_t)from[i] << shift) + ((uint32_t)to[i] << shift);
	}
	mended = checksum_end(sum);
	return mended == 0xffff ? 0 : mended;
}

static void mend_field(uint8_t *field, const uint8_t *at, const uint8_t *to, size_t len, bool odd)
{
	put_be16(field, checksum_replace(get_be16(field), at, to, len, odd));
}

void checksum_patch(const struct tcp_view *v, uint8_t *data, size_t at, const uint8_t *to,
		    size_t len)
{
	size_t tcp = (size_t)(v->tcp - v->ip);

	if (at >= tcp)
		mend_field(data + tcp + TCP_CHECKSUM_AT, data + at, to, len, (at - tcp) % 2);
	else if (v->version == 4)
		mend_field(data + IPV4_CHECKSUM_AT, data + at, to, len, at % 2);
	memcpy(data + at, to, len);
}

static uint32_t sum_pseudo_header(const struct tcp_view *v)
{
	uint32_t sum =
	    v->version == 4 ? checksum_add(0, v->ip + 12, 8) : checksum_add(0, v->ip + 8, 32);

	/* The sum of at most 36 bytes is far below 2^32. */
	return sum + IPPROTO_TCP + (v->tcp_len >> 16) + (v->tcp_len & 0xffff);
}

bool checksum_mangled(const struct tcp_view *v)
{
	return get_be16(v->tcp + TCP_CHECKSUM_AT) == 0xffff;
}

bool checksum_normalize(const struct tcp_view *v, uint8_t *data)
{
	if (!checksum_mangled(v))
		return false;
	put_be16(data + (v->tcp - v->ip) + TCP_CHECKSUM_AT, 0);
	return true;
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
