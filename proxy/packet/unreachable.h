/* unreachable.h - ICMP's "destination unreachable" about a TCP segment, for IPv4 (RFC 792) and IPv6
 * (RFC 4443 section 3.1): read and made. Pure; fuzzed. */
#ifndef WEDGE_PACKET_UNREACHABLE_H
#define WEDGE_PACKET_UNREACHABLE_H

#include "proxy/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unreachable {
	struct addr from;     /* the host that says so; port 0 */
	uint8_t code;	      /* of type 3 in ICMP, of type 1 in ICMPv6 */
	struct addr src, dst; /* of the segment, with ports */
};

/* data: len captured bytes from the IP header on. false: something else, or not about TCP; also
 * "fragmentation needed", which says nothing of whether the destination can be reached. */
bool unreachable_parse(struct unreachable *u, const uint8_t *data, size_t len);

/* Whom any error of ICMP is about, also "fragmentation needed" or "packet too big": the addresses
 * of the TCP segment that it quotes. false: something else. */
bool unreachable_quoted(const uint8_t *data, size_t len, struct addr *src, struct addr *dst);

/* The errno with which connect() fails by it on Linux. */
int unreachable_errno(const struct unreachable *u);

/* A code of that family for such an errno: ENETUNREACH, EACCES, or for every other EHOSTUNREACH. */
uint8_t unreachable_code(int family, int error);

/* What the host from says with that code to who has sent the IP packet. out has
 * UNREACHABLE_MAX bytes; the length is returned. */
enum { UNREACHABLE_MAX = 40 + 8 + 128 };
size_t unreachable_make(uint8_t out[UNREACHABLE_MAX], const struct addr *from, uint8_t code,
			const struct addr *to, const uint8_t *packet, size_t len);

#endif
