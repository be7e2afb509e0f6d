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

/* Returns the checksum of a packet in which len bytes became others (RFC 1624, equation 3). odd:
 * the first of them is the low byte of a 16-bit word. Never 0xffff: that is 0 too, but a sum over
 * addresses can't give it, and Wireshark calls it bad. */
uint16_t checksum_replace(uint16_t checksum, const uint8_t *from, const uint8_t *to, size_t len,
			  bool odd);

/* Changes len bytes of a packet that begins with an IP header, and mends the checksum of the IPv4
 * header or of TCP, whichever covers them. What was wrong stays wrong. at points into data, which
 * is the whole packet that v was parsed from. */
void checksum_patch(const struct tcp_view *v, uint8_t *data, size_t at, const uint8_t *to,
		    size_t len);

/* Returns whether the TCP checksum is 0xffff (checksum_normalize). */
bool checksum_mangled(const struct tcp_view *v);

/* Writes 0x0000 in place of a TCP checksum of 0xffff, which is the same number: so Linux writes it
 * in software (CSUM_MANGLED_0), as it does for each packet that a queue gets, and hardware doesn't.
 * Returns whether it was one. */
bool checksum_normalize(const struct tcp_view *v, uint8_t *data);

/* Returns whether the TCP checksum (RFC 9293 section 3.1) is right; the packet must be whole. */
bool checksum_tcp_ok(const struct tcp_view *v);

/* Writes the checksums of the IPv4 header and of TCP into data, which is the whole packet that v
 * was parsed from. */
void checksum_write(const struct tcp_view *v, uint8_t *data);

#endif
