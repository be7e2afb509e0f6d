/* checksum.h - the Internet checksum (RFC 1071) of IPv4 headers and of TCP over IPv4 and IPv6.
 * Pure. */
#ifndef WEDGE_PACKET_CHECKSUM_H
#define WEDGE_PACKET_CHECKSUM_H

#include "proxy/packet/tcp_view.h"

#include <stddef.h>

/* Adds len bytes to a running sum; an odd length may only come last. Start with 0. */
uint32_t checksum_add(uint32_t sum, const uint8_t *data, size_t len);

/* The running sum as the 16 bits that go on the wire, in host order. */
uint16_t checksum_end(uint32_t sum);

/* Whether the TCP checksum of a packet that was captured whole is right (RFC 9293 section 3.1). */
bool checksum_tcp_ok(const struct tcp_view *v);

/* Writes the IPv4 header's and the TCP checksum of the packet that v was parsed from; data is that
 * packet, whole. */
void checksum_write(const struct tcp_view *v, uint8_t *data);

#endif
