/* checksum.h - the Internet checksum (RFC 1071) of IPv4 headers and of TCP over IPv4 and IPv6.
 * Pure. */
#ifndef WEDGE_PACKET_CHECKSUM_H
#define WEDGE_PACKET_CHECKSUM_H

#include "proxy/packet/tcp_view.h"

#include <stddef.h>

/* Adds len bytes to a running sum; an odd length may only come last. Start with 0. */
uint32_t checksum_add(uint32_t sum, const uint8_t *data, size_t len);

/* Returns the running sum as the 16 bits that go on the wire, in host order. */
uint16_t checksum_end(uint32_t sum);

/* Returns whether the TCP checksum (RFC 9293 section 3.1) is right; the packet must be whole. */
bool checksum_tcp_ok(const struct tcp_view *v);

/* Writes the checksums of the IPv4 header and of TCP into data, which is the whole packet that v
 * was parsed from. */
void checksum_write(const struct tcp_view *v, uint8_t *data);

#endif
