/* segment.h - packets that no end has sent, as bytes: TCP segments without payload, and the IP
 * headers of whatever else. Pure. */
#ifndef WEDGE_PACKET_SEGMENT_H
#define WEDGE_PACKET_SEGMENT_H

#include "proxy/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, SEGMENT_MAX = IPV6_HEADER + 20 + 12 };

struct segment {
	struct addr src, dst; /* of one family, with ports */
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t window;
	bool has_timestamp; /* RFC 7323 */
	uint32_t tsval, tsecr;
};

/* Writes the IP packet, checksums right; returns its length. */
size_t segment_make(uint8_t data[SEGMENT_MAX], const struct segment *s);

/* Writes an IP header before len bytes of that protocol, without the checksum that IPv4's has;
 * returns its length. */
size_t segment_ip(uint8_t *p, const struct addr *src, const struct addr *dst, uint8_t protocol,
		  size_t len);

#endif
