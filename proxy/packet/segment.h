/* segment.h - makes packets that no end has sent, as bytes: TCP segments without payload, and IP
 * headers for other protocols. Pure. */
#ifndef WEDGE_PACKET_SEGMENT_H
#define WEDGE_PACKET_SEGMENT_H

#include "proxy/base/addr.h"
#include "proxy/packet/ip_marks.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, SEGMENT_MAX = IPV6_HEADER + 20 + 12 };

struct segment {
	struct addr src, dst;  /* of one family, with ports */
	struct ip_marks marks; /* of the IP header */
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t window;
	bool has_timestamp; /* RFC 7323 */
	uint32_t tsval, tsecr;
};

/* Writes the IP packet with right checksums; returns its length in bytes. */
size_t segment_make(uint8_t data[SEGMENT_MAX], const struct segment *s);

/* Writes the IP header for len bytes of that protocol, with IPv4's checksum 0; returns the header's
 * length in bytes. p has IPV6_HEADER bytes. */
size_t segment_ip(uint8_t *p, const struct addr *src, const struct addr *dst,
		  const struct ip_marks *marks, uint8_t protocol, size_t len);

#endif
