/* unreachable.h - reads and makes ICMP "destination unreachable" about a TCP segment, for IPv4
 * (RFC 792) and IPv6 (RFC 4443 section 3.1). Pure; fuzzed. */
#ifndef WEDGE_PACKET_UNREACHABLE_H
#define WEDGE_PACKET_UNREACHABLE_H

#include "proxy/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unreachable {
	struct addr from;     /* the host that has sent it; port 0 */
	uint8_t code;	      /* of type 3 in ICMP, of type 1 in ICMPv6 */
	struct addr src, dst; /* of the segment, with ports */
};

/* Parses len captured bytes from the IP header on. false: another packet, or not about TCP; also
 * "fragmentation needed", which doesn't tell whether the destination can be reached. */
bool unreachable_parse(struct unreachable *u, const uint8_t *data, size_t len);

/* Gets the addresses of the TCP segment that an ICMP error quotes; any error, also "fragmentation
 * needed" or "packet too big". false: another packet. */
bool unreachable_quoted(const uint8_t *data, size_t len, struct addr *src, struct addr *dst);

/* Returns the errno with which connect() fails on Linux when *u comes. */
int unreachable_errno(const struct unreachable *u);

/* Returns the code, in ICMP of that address family, for ENETUNREACH or EACCES; for every other
 * error the code for EHOSTUNREACH. */
uint8_t unreachable_code(int family, int error);

enum { UNREACHABLE_MAX = 40 + 8 + 128 }; /* IPv6 and ICMP headers, and what is quoted */

/* Writes the packet with that code from the host from to the host to, about the IP packet of len
 * bytes that to has sent. Returns its length in bytes. */
size_t unreachable_make(uint8_t out[UNREACHABLE_MAX], const struct addr *from, uint8_t code,
			const struct addr *to, const uint8_t *packet, size_t len);

#endif
